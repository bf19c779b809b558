import { type Connection } from '../../engine/model/connection.ts';
import { MissingOnHostError, ObserveError } from '../../engine/model/failures/errors.ts';
import { readingLimitMs } from '../../engine/host/limits.ts';
import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
import { inTurn } from './in-turn.ts';
import { type BatchOptions, type RequestBatch, type RequestResult } from './request-batch.ts';

/** What a batch of datagrams is to be. */
export interface DatagramOrder {
  /** IPv4 dotted. */
  readonly address: string;
  readonly port: number;
  /** Asked in turn, where there are several: `port` and others. */
  readonly ports?: readonly number[];
  readonly count: number;
  /** A word that no answer can contain by chance; it is not sent to the server. */
  readonly nonce: string;
  /** No more than this of an answer is looked at. */
  readonly maxPageBytes: number;
  /** How long an answer is waited for, in seconds. Not set: 5. */
  readonly answerSeconds?: number;
}

const MAX_TIMEOUTS = 5;
const ANSWER_TIMEOUT_SECONDS = 5;
const NOT_FOUND = 127;
/** What `timeout` ends with when the time is over, and what a request that was refused is told as: curl's own statuses. */
const TIMED_OUT = { timeout: 124, curl: 28 };
const REFUSED = 7;

/**
 * Sends datagrams one after the other, each from a port of its own, and tells how each of them was answered; refused is
 * what nobody listens for.
 * @throws MissingOnHostError without bash; ObserveError when the script broke off; what `Connection.run` throws.
 */
export async function sendDatagrams(
  connection: Connection,
  order: DatagramOrder,
  { onProgress, signal }: BatchOptions,
): Promise<RequestBatch> {
  const { count, nonce, maxPageBytes } = order;
  let seen = '';
  const { exitCode, stdout, stderr } = await connection.run(datagramScript(order), {
    onStdout: (text) => {
      seen += text;
      onProgress?.(seen.split(` ${nonce}\n`).length - 1);
    },
    timeoutMs:
      readingLimitMs(connection.pace) +
      Math.max(250, connection.pace.sessionMs) * count +
      2 * MAX_TIMEOUTS * ANSWER_TIMEOUT_SECONDS * 1000,
    maxOutputBytes: (maxPageBytes + 128) * (count + 1),
    signal,
  });
  const place = { host: connection.host, step: 'requests' };
  if (exitCode === NOT_FOUND) {
    throw new MissingOnHostError('bash is not installed', {
      ...place,
      hint: 'Install bash there: the datagrams are sent with it.',
    });
  }
  const results = stdout.split(` ${nonce}\n`).slice(0, -1).map(parseAnswer);
  if (exitCode === 0) return { results, asked: count };
  throw new ObserveError(
    `the requests broke off after ${results.length} of ${count} (exit status ${exitCode ?? 'none'})`,
    { ...place, cause: stderr.trim() },
  );
}

/** bash alone opens UDP sockets (without its .bashrc, which it reads where its input is a socket), and each of its processes gets another port; `dd` takes a datagram as a whole. */
const ASK = `
  exec 3<>"/dev/udp/$1/$2" || exit 1
  printf 'lvslab' >&3 || exit 1
  timeout "$4" dd bs="$3" count=1 <&3 2>/dev/null
`;

function datagramScript({
  address,
  port: first,
  ports = [first],
  count,
  nonce,
  maxPageBytes,
  answerSeconds = ANSWER_TIMEOUT_SECONDS,
}: DatagramOrder): Script {
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    command -v bash >/dev/null || exit ${NOT_FOUND}
    i=0 timeouts=0
    while [ "$i" -lt ${count} ] && [ "$timeouts" -lt ${MAX_TIMEOUTS} ]; do
      i=$((i + 1)) status=0
      ${inTurn('port', ports)}
      bash --norc -c ${ASK} bash ${address} "$port" ${maxPageBytes} ${answerSeconds} 2>/dev/null ||
        status=$?
      printf ' %s %s\n' "$status" ${nonce}
      [ "$status" -ne ${TIMED_OUT.timeout} ] || timeouts=$((timeouts + 1))
    done
  `;
}

function parseAnswer(part: string): RequestResult {
  const exitAt = part.lastIndexOf(' ');
  const status = Number(part.slice(exitAt + 1));
  const exitCode = status === TIMED_OUT.timeout ? TIMED_OUT.curl : status === 0 ? 0 : REFUSED;
  const body = part.slice(0, exitAt);
  return { exitCode, status: exitCode === 0 ? 200 : 0, body, clientAddress: '' };
}
