import { type Script, sh } from '../../engine/model/shell/script.ts';
import { inTurn } from './in-turn.ts';

/** So many are made by one curl: enough that its start is of no matter, and few enough to tell how far they are. */
const BATCH = 50;

/** What the requests have in common. */
interface ManyRequests {
  /** Up to which request. */
  readonly count: number;
  readonly nonce: string;
  /** Of a page and what is said of it. */
  readonly maxBytes: number;
  /** Ports of the client's end go round by the clock, so many a second. */
  readonly portsPerSecond: number;
  /** curl's options, by their long names. */
  readonly options: readonly (readonly [name: string, value?: string])[];
  /** Asked in turn. */
  readonly urls: readonly string[];
  /** Shell that sets $port for the i-th, and how many more may be taken instead. */
  readonly choosePort: Script;
  readonly spare: number;
}

/**
 * Defines `ask_many`, which makes the next requests by one curl, up to the first that fails, as one after the other would: each
 * with what curl says of it, its place, curl's exit status, and the nonce. It sets `status` as that curl ended, moves `i` on, and sets
 * `many` to nothing where it can do no more; what it printed last is not to be counted then, and comes again.
 *
 * `many`, not set before, is set where curl can do so: since 7.75 it tells each request's own exit status.
 */
export function defineAskMany(order: ManyRequests): Script {
  const { count, nonce, maxBytes, portsPerSecond, options, urls, choosePort, spare } = order;
  const common = options.map(([name, value]) =>
    value === undefined ? name : `${name} = ${quoted(value)}`,
  );
  // The last of it goes where the marks are counted.
  const [before, after] = [
    `\\n%{http_code} %{local_ip} %{time_connect} ${nonce} `,
    ` %{exitcode} ${nonce}\\n%{stderr}.`,
  ];
  return sh`
    case $(command -v curl) in /*)
      version=$(curl -q --version 2>/dev/null)
      version=\${version#curl }
      case $version in 7.7[5-9].* | 7.[89][0-9].* | [89].* | [1-9][0-9].*) many=yes ;; esac
      ;;
    esac
    ask_many() {
      first=$i last=$((i + ${BATCH}))
      [ "$last" -le ${count} ] || last=${count}
      {
        marks=$({
          while [ "$i" -lt "$last" ]; do
            i=$((i + 1))
            ${inTurn(urls.map(quoted))}
            ${choosePort}
            [ "$((i - 1))" -eq "$first" ] || echo next
            printf '%s\n' ${common}
            printf 'url = %s\nlocal-port = %s\nwrite-out = "%s%s%s"\n' "$url" "$port-$((port + ${spare}))" ${before} "$i" ${after}
          done | {
            curl -q --fail-early --config - 2>&4
            echo " $?" >&4
          } | head -c "$(((last - first) * ${maxBytes}))" >&3
        } 4>&1)
      } 3>&1
      status=\${marks##* } marks=\${marks%% *}
      case $marks:$status in :* | *[!.:0-9]* | *: | *:23 | *:12[6-9] | *:1[3-9][0-9] | *:2[0-9][0-9])
        many=
        printf ' 0 %s %s\n' "$status" ${nonce}
        return
        ;;
      esac
      i=$((first + \${#marks}))
      ## No port comes again before its time, however fast the requests are.
      while [ "$((start + i))" -gt "$((($(date +%s) + 1) * ${portsPerSecond}))" ]; do sleep 0.2 2>/dev/null || sleep 1; done
    }
  `;
}

/** As curl's configuration has it. */
function quoted(value: string): string {
  return `"${value.replaceAll(/[\\"]/g, '\\$&')}"`;
}
