import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { inTurn } from './in-turn.ts';

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
 * One curl for each: only so each has an exit status of its own, also with the oldest curl. What is beyond the limit of a
 * page is not fetched, whether the server tells its length or not: curl ends when nobody reads it any more.
 */
export function requestScript(order: BatchOrder): Script {
  const { count, ports, everySeconds, isLarge } = order;
  const round =
    ports === undefined
      ? PORTS
      : { ...PORTS, first: ports.first, count: 1, spare: ports.last - ports.first };
  const loop = everySeconds === undefined ? oneByOne(count) : overlapping(count, everySeconds);
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
  const { connectSeconds = CONNECT_TIMEOUT_SECONDS } = order;
  // 15 kB: nginx takes lines of up to 8 KiB in its four buffers.
  const long = sh`--header "Filler-1: $filler" --header "Filler-2: $filler" --header "Filler-3: $filler"`;
  const more = isLarge === true ? long : lines();
  return sh`
    request() {
      ${inTurn([url, ...moreUrls])}
      port=$((${round.first} + (start + i) % ${round.count}))
      ## The page goes to the third descriptor, how curl ended to the fourth.
      {
        status=$({
          {
            curl ${curlArguments({ nonce, connectSeconds })} "$url" ${more} --local-port "$port-$((port + ${round.spare}))" </dev/null
            echo "$?" >&4
          } | head -c ${maxPageBytes + TAIL_BYTES} >&3
        } 4>&1)
      } 3>&1
      printf ' %s %s %s\n' "$i" "$status" ${nonce}
    }
  `;
}

function oneByOne(count: number): Script {
  return sh`
    timeouts=0
    while [ "$i" -lt ${count} ] && [ "$timeouts" -lt ${MAX_TIMEOUTS} ]; do
      i=$((i + 1))
      request
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
 * Nothing of the host's own configuration (curlrc, proxies) may come between the client and the VIP. `-q` must be the
 * first and short: curl before 7.50 looks for nothing else.
 */
function curlArguments({
  nonce,
  connectSeconds,
}: Pick<BatchOrder, 'nonce'> & { readonly connectSeconds: number }): readonly string[] {
  return [
    ...['-q', '--silent', '--globoff', '--noproxy', '*'],
    ...['--connect-timeout', String(connectSeconds)],
    ...['--max-time', String(2 * connectSeconds)],
    ...['--header', 'Connection: close'],
    ...['--write-out', `\\n%{http_code} %{local_ip} %{time_connect} ${nonce}`],
  ];
}
