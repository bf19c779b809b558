import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { inTurn } from './in-turn.ts';
import { defineAskMany } from './many-requests-script.ts';

/** What a batch of requests is to be. */
export interface BatchOrder {
  readonly url: string;
  /** Asked in turn with it: the second request goes to the first of these. */
  readonly moreUrls?: readonly string[];
  readonly count: number;
  /** A word that no answer can contain by chance; it is not sent to the server. */
  readonly nonce: string;
  /** No more than this of a page is fetched. */
  readonly maxPageBytes: number;
  /** Each request takes the first of these ports that is free; without it, they go round by the clock. */
  readonly ports?: PortRange;
  /** Each request is so long that it fills ten packets. */
  readonly isLarge?: true;
  /** How long a connection may take to come about, in seconds; a whole request twice as long. Not set: 5. */
  readonly connectSeconds?: number;
  /**
   * One begins so many seconds after the other, and none waits for those before it. Not set, each waits, and after some that
   * time out no more are made. Needs pages that are short.
   */
  readonly everySeconds?: number;
}

/** What requests that overlap may have of a page: a pipe takes no more in one piece. */
export const MOST_OVERLAPPING_BYTES = 3500;

/** Ports of the client's end; 1–65535, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** After so many time-outs the picture is clear, and each one costs seconds. */
export const MAX_TIMEOUTS = 5;
/** What curl and the script say of one request, with room to spare. */
export const TAIL_BYTES = 128;
export const NOT_FOUND = 127;
/** Long enough for a director in a slow virtual machine that pauses for a while. */
const CONNECT_TIMEOUT_SECONDS = 5;

/**
 * A port that the client used a moment ago may be chosen again by chance while the real server still remembers the old
 * connection (TIME_WAIT). Where nginx is stopped, such a server answers with an ACK instead of a refusal, the client's
 * kernel sends its SYN again at once, and IPVS takes each of these for a new connection: the shares are off. So the ports
 * go round by the clock, and come again after 250 s; TIME_WAIT ends after 60 s there, and after 120 s in IPVS. One that is
 * in use is passed over: curl tries the spare ones that follow.
 */
const PORTS = { first: 10_000, count: 50_000, perSecond: 200, spare: 400 };

/**
 * Makes requests and prints how each ended: what curl says, then the request's place, curl's exit status, and the nonce.
 * Where curl is too old to tell the exit status of each request that it makes, one curl makes one. What is beyond the limit of a
 * page is not fetched, whether the server tells its length or not: curl ends when nobody reads it any more.
 */
export function requestScript(order: BatchOrder): Script {
  const { count, ports, everySeconds, isLarge } = order;
  const round =
    ports === undefined
      ? PORTS
      : { ...PORTS, first: ports.first, count: 1, spare: ports.last - ports.first };
  const loop =
    everySeconds === undefined ? oneByOne(order, round) : overlapping(count, everySeconds);
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    command -v curl >/dev/null || exit ${NOT_FOUND}
    ${isLarge === true ? sh`filler=$(head -c 5000 /dev/zero | tr '\0' x)` : lines()}
    i=0
    start=$(($(date +%s) * ${PORTS.perSecond}))
    ${defineRequest(order, round)}
    ${loop}
  `;
}

/** `request`: the i-th, with what it came to, and sets `status` to how curl ended. */
function defineRequest(order: BatchOrder, round: typeof PORTS): Script {
  const { url, moreUrls = [], nonce, maxPageBytes, isLarge } = order;
  // 15 kB: nginx takes lines of up to 8 KiB in its four buffers.
  const long = sh`--header "Filler-1: $filler" --header "Filler-2: $filler" --header "Filler-3: $filler"`;
  const more = isLarge === true ? long : lines();
  return sh`
    request() {
      ${inTurn([url, ...moreUrls])}
      ${choosePort(round)}
      ## The page goes to the third descriptor, how curl ended to the fourth.
      {
        status=$({
          {
            curl ${curlArguments(order)} "$url" ${more} --local-port "$port-$((port + ${round.spare}))" </dev/null
            echo "$?" >&4
          } | head -c ${maxPageBytes + TAIL_BYTES} >&3
        } 4>&1)
      } 3>&1
      printf ' %s %s %s\n' "$i" "$status" ${nonce}
    }
  `;
}

function choosePort({ first, count }: typeof PORTS): Script {
  return sh`port=$((${first} + (start + i) % ${count}))`;
}

/** By as few curls as may be. */
function oneByOne(order: BatchOrder, round: typeof PORTS): Script {
  const { count, isLarge, url, moreUrls = [], nonce, maxPageBytes } = order;
  const many = defineAskMany({
    ...{ count, nonce, maxBytes: maxPageBytes + 2 * TAIL_BYTES },
    ...{ options: curlOptions(order), urls: [url, ...moreUrls] },
    ...{ choosePort: choosePort(round), spare: round.spare, portsPerSecond: PORTS.perSecond },
  });
  return sh`
    timeouts=0 many=
    ${count > 1 && isLarge !== true ? many : lines()}
    while [ "$i" -lt ${count} ] && [ "$timeouts" -lt ${MAX_TIMEOUTS} ]; do
      if [ -n "$many" ]; then
        ask_many
      else
        i=$((i + 1))
        request
      fi
      [ "$status" -ne 28 ] || timeouts=$((timeouts + 1))
    done
  `;
}

/** Each says in one piece what it came to, so no two of them are mixed. */
function overlapping(count: number, everySeconds: number): Script {
  return sh`
    while [ "$i" -lt ${count} ]; do
      i=$((i + 1))
      { said=$(request) && printf '%s\n' "$said"; } &
      sleep ${everySeconds} 2>/dev/null || sleep 1
    done
    wait
  `;
}

/**
 * curl's options. Nothing of the host's own configuration (curlrc, proxies) may come between the client and the VIP.
 */
function curlOptions({
  connectSeconds = CONNECT_TIMEOUT_SECONDS,
}: Pick<BatchOrder, 'connectSeconds'>): readonly (readonly [string, string?])[] {
  return [
    ['silent'],
    ['globoff'],
    ['noproxy', '*'],
    ['connect-timeout', String(connectSeconds)],
    ['max-time', String(2 * connectSeconds)],
    ['header', 'Connection: close'],
  ];
}

/** `-q` must be the first and short: curl before 7.50 looks for nothing else. */
function curlArguments(order: Pick<BatchOrder, 'nonce' | 'connectSeconds'>): readonly string[] {
  return [
    '-q',
    ...curlOptions(order).flatMap(([name, value]) => [
      `--${name}`,
      ...(value === undefined ? [] : [value]),
    ]),
    ...['--write-out', `\\n%{http_code} %{local_ip} %{time_connect} ${order.nonce}`],
  ];
}
