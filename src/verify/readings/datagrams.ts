import { type Connection } from '../../engine/model/connection.ts';
import { MissingOnHostError, ObserveError } from '../../engine/model/failures/errors.ts';
import { readingLimitMs } from '../../engine/host/limits.ts';
import { SEARCH_PATH } from '../../engine/host/observe.ts';
import { type Script, sh } from '../../engine/model/shell/script.ts';
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
  /** Ports of the client that none of the datagrams may come from. */
  readonly taken?: readonly number[];
}

const MAX_TIMEOUTS = 5;
const ANSWER_TIMEOUT_SECONDS = 5;
const NOT_FOUND = 127;
/** What `timeout` ends with when the time is over, and what a request that was refused is told as: curl's own statuses. */
const TIMED_OUT = { timeout: 124, curl: 28 };
const REFUSED = 7;

/**
 * Sends datagrams one after the other, each from a port of its own that is not taken, and tells how each of them was
 * answered; refused is what nobody listens for.
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

/**
 * bash alone opens UDP sockets (without its .bashrc, which it reads where its input is a socket); `dd` takes a datagram as a whole.
 * The kernel chooses a socket's port by chance, and may choose one twice. IPVS takes a second datagram from the same port for
 * more of a connection that it knows, for minutes. So one that was used before is given back, and another is asked for.
 */
const SEND = `
  address=$1 bytes=$2 seconds=$3 count=$4 nonce=$5 timeouts=$6
  declare -A taken
  for port in $7; do taken[$port]=yes; done
  shift 7
  ports=("$@")
  own_port() {
    own=
    inode=$(readlink /proc/self/fd/3) || return
    inode=\${inode#socket:[} inode=\${inode%]}
    while read -r _ place _ _ _ _ _ _ _ found _; do
      [ "$found" != "$inode" ] || own=$((16#\${place#*:}))
    done </proc/net/udp
  }
  fresh_socket() {
    for ((tries = 0; tries < 100; tries++)); do
      exec 3<>"/dev/udp/$address/$port" || return
      own_port
      [ -n "$own" ] || return 0
      [ -n "\${taken[$own]}" ] || break
    done
    taken[$own]=yes
  }
  for ((i = 0; i < count && timeouts > 0; i++)); do
    port=\${ports[i % \${#ports[@]}]} status=0
    { fresh_socket && printf lvslab >&3 && timeout "$seconds" dd bs="$bytes" count=1 <&3; } 2>/dev/null || status=$?
    printf ' %s %s\\n' "$status" "$nonce"
    [ "$status" -ne ${TIMED_OUT.timeout} ] || timeouts=$((timeouts - 1))
  done
`;

/** An argument of a program can't be longer than 128 KiB. */
const MOST_TAKEN = 20_000;

function datagramScript({
  address,
  port: first,
  ports = [first],
  count,
  nonce,
  maxPageBytes,
  answerSeconds = ANSWER_TIMEOUT_SECONDS,
  taken = [],
}: DatagramOrder): Script {
  const words = [address, maxPageBytes, answerSeconds, count, nonce, MAX_TIMEOUTS];
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    command -v bash >/dev/null || exit ${NOT_FOUND}
    bash --norc -c ${SEND} bash ${words} ${taken.slice(0, MOST_TAKEN).join(' ')} ${ports}
  `;
}

function parseAnswer(part: string): RequestResult {
  const exitAt = part.lastIndexOf(' ');
  const status = Number(part.slice(exitAt + 1));
  const exitCode = status === TIMED_OUT.timeout ? TIMED_OUT.curl : status === 0 ? 0 : REFUSED;
  const body = part.slice(0, exitAt);
  return { exitCode, status: exitCode === 0 ? 200 : 0, body, clientAddress: '' };
}
