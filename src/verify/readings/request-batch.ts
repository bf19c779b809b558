import { type Connection } from '../../engine/model/connection.ts';
import { MissingOnHostError, ObserveError } from '../../engine/model/errors.ts';
import { readingLimitMs } from '../../engine/host/limits.ts';
import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { type Script, sh } from '../../engine/model/script.ts';

/** What curl says of one request, each made over a connection of its own. */
export interface RequestResult {
  /** curl's own: 0, or 7 for refused, 28 for timed out … */
  readonly exitCode: number;
  /** HTTP status, 0 when no answer came. */
  readonly status: number;
  /** The body as it was sent, its beginning where it was too long; '' when no answer came. */
  readonly body: string;
  /** The server sent more than `maxPageBytes`; the status is not known then. */
  readonly isTooLong?: true;
  /** The address that the client's end of the connection had; '' when there was none. */
  readonly clientAddress: string;
  /** How long the connection took to come about, in seconds; not set when no answer came. */
  readonly connectSeconds?: number;
}

/** Requests made one after the other. */
export interface RequestBatch {
  /** In the order in which they were made; fewer than asked for when too many timed out. */
  readonly results: readonly RequestResult[];
  readonly asked: number;
}

/** What a batch of requests is to be. */
export interface BatchOrder {
  readonly url: string;
  readonly count: number;
  /** A word that no answer can contain by chance; it is not sent to the server. */
  readonly nonce: string;
  /** No more than this of a page is fetched. */
  readonly maxPageBytes: number;
  /** Each request takes the first of these ports that is free; without it, they go round by the clock. */
  readonly ports?: PortRange;
  /** How long a connection may take to come about, in seconds; a whole request twice as long. Not set: 5. */
  readonly connectSeconds?: number;
}

/** Ports of the client's end; 1–65535, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface BatchOptions {
  /** Called as answers arrive, with how many there are. */
  readonly onProgress?: (done: number) => void;
  readonly signal: AbortSignal;
}

/** After so many time-outs the picture is clear, and each one costs seconds. */
const MAX_TIMEOUTS = 5;
/** What curl and the script say of one request, with room to spare. */
const TAIL_BYTES = 128;
/** Long enough for a director in a slow virtual machine that pauses for a while. */
const CONNECT_TIMEOUT_SECONDS = 5;
const ANSWER_TIMEOUT_SECONDS = 10;
const NOT_FOUND = 127;

/**
 * A port that the client used a moment ago may be chosen again by chance while the real server still remembers the old
 * connection (TIME_WAIT). Where nginx is stopped, such a server answers with an ACK instead of a refusal, the client's
 * kernel sends its SYN again at once, and IPVS takes each of these for a new connection: the shares are off. So the ports
 * go round by the clock, and come again after 250 s; TIME_WAIT ends after 60 s there, and after 120 s in IPVS. One that is
 * in use is passed over: curl tries the spare ones that follow.
 */
const PORTS = { first: 10_000, count: 50_000, perSecond: 200, spare: 400 };

/**
 * Makes the requests from a host in one session, each over a new TCP connection, and tells how each of them ended.
 * @throws MissingOnHostError without curl; ObserveError when the script broke off; what `Connection.run` throws.
 */
export async function makeRequests(
  connection: Connection,
  order: BatchOrder,
  { onProgress, signal }: BatchOptions,
): Promise<RequestBatch> {
  const progress = new FenceCounter(order.nonce, onProgress);
  const { exitCode, stdout, stderr } = await connection.run(requestScript(order), {
    onStdout: (text) => {
      progress.read(text);
    },
    // A request starts a few processes, as a session does.
    timeoutMs:
      readingLimitMs(connection.pace) +
      Math.max(250, connection.pace.sessionMs) * order.count +
      2 * MAX_TIMEOUTS * ANSWER_TIMEOUT_SECONDS * 1000,
    maxOutputBytes: (order.maxPageBytes + 2 * TAIL_BYTES) * (order.count + 1),
    signal,
  });
  if (exitCode === NOT_FOUND) {
    throw new MissingOnHostError('curl is not installed', {
      host: connection.host,
      step: 'requests',
      hint: 'Install curl there: the requests are made with it.',
    });
  }
  const results = parseResults(stdout, order);
  if (exitCode !== 0) {
    throw new ObserveError(
      `the requests broke off after ${results.length} of ${order.count} (exit status ${exitCode ?? 'none'})`,
      { host: connection.host, step: 'requests', cause: stderr.trim() },
    );
  }
  return { results, asked: order.count };
}

/**
 * One curl for each request: only so each has an exit status of its own, also with the oldest curl. What is beyond the
 * limit of a page is not fetched, whether the server tells its length or not: curl ends when nobody reads it any more.
 */
function requestScript({
  url,
  count,
  nonce,
  maxPageBytes,
  ports,
  connectSeconds = CONNECT_TIMEOUT_SECONDS,
}: BatchOrder): Script {
  const round =
    ports === undefined
      ? PORTS
      : { ...PORTS, first: ports.first, count: 1, spare: ports.last - ports.first };
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    command -v curl >/dev/null || exit ${NOT_FOUND}
    i=0 timeouts=0
    start=$(($(date +%s) * ${PORTS.perSecond}))
    while [ "$i" -lt ${count} ] && [ "$timeouts" -lt ${MAX_TIMEOUTS} ]; do
      i=$((i + 1))
      port=$((${round.first} + (start + i) % ${round.count}))
      ## The page goes to the third descriptor, how curl ended to the fourth.
      {
        status=$({
          {
            curl ${curlArguments({ url, nonce, connectSeconds })} --local-port "$port-$((port + ${round.spare}))" </dev/null
            echo "$?" >&4
          } | head -c ${maxPageBytes + TAIL_BYTES} >&3
        } 4>&1)
      } 3>&1
      printf ' %s %s\n' "$status" ${nonce}
      [ "$status" -ne 28 ] || timeouts=$((timeouts + 1))
    done
  `;
}

/** Reads what the request script printed; a request whose end is missing is left out. */
function parseResults(
  output: string,
  { nonce, maxPageBytes }: Pick<BatchOrder, 'nonce' | 'maxPageBytes'>,
): readonly RequestResult[] {
  return output
    .split(` ${nonce}\n`)
    .slice(0, -1)
    .map((part) => parseResult(part, { nonce, maxPageBytes }));
}

/** The nonce is not known to the server, so its page can't pass for what curl says. */
function parseResult(
  part: string,
  { nonce, maxPageBytes }: Pick<BatchOrder, 'nonce' | 'maxPageBytes'>,
): RequestResult {
  const exitAt = part.lastIndexOf(' ');
  const exitCode = Number(part.slice(exitAt + 1));
  const sent = part.slice(0, exitAt);
  const tailAt = sent.lastIndexOf('\n');
  const [status = '', clientAddress = '', seconds, mark] = sent.slice(tailAt + 1).split(' ');
  if (tailAt === -1 || mark !== nonce) {
    const isTooLong = Buffer.byteLength(sent) >= maxPageBytes;
    const rest = { exitCode, status: 0, body: sent, clientAddress: '' };
    return isTooLong ? { ...rest, isTooLong } : rest;
  }
  const connectSeconds = Number(seconds);
  return {
    exitCode,
    status: Number(status),
    body: sent.slice(0, tailAt),
    clientAddress,
    ...(connectSeconds > 0 && { connectSeconds }),
  };
}

/**
 * Nothing of the host's own configuration (curlrc, proxies) may come between the client and the VIP. `-q` must be the
 * first and short: curl before 7.50 looks for nothing else.
 */
function curlArguments({
  url,
  nonce,
  connectSeconds,
}: Pick<BatchOrder, 'url' | 'nonce'> & { readonly connectSeconds: number }): readonly string[] {
  return [
    ...['-q', '--silent', '--globoff', '--noproxy', '*'],
    ...['--connect-timeout', String(connectSeconds)],
    ...['--max-time', String(2 * connectSeconds)],
    ...['--header', 'Connection: close'],
    ...['--write-out', `\\n%{http_code} %{local_ip} %{time_connect} ${nonce}`],
    url,
  ];
}

/** Counts fences in text that arrives in pieces. */
class FenceCounter {
  readonly #fence: string;
  readonly #onProgress: ((done: number) => void) | undefined;
  #done = 0;
  #rest = '';

  constructor(nonce: string, onProgress: ((done: number) => void) | undefined) {
    this.#fence = ` ${nonce}\n`;
    this.#onProgress = onProgress;
  }

  read(text: string): void {
    const parts = (this.#rest + text).split(this.#fence);
    this.#rest = parts.at(-1) ?? '';
    if (parts.length === 1) return;
    this.#done += parts.length - 1;
    this.#onProgress?.(this.#done);
  }
}
