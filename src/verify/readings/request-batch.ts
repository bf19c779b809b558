import { type Connection } from '../../engine/model/connection.ts';
import { MissingOnHostError, ObserveError } from '../../engine/model/failures/errors.ts';
import { readingLimitMs } from '../../engine/host/limits.ts';
import {
  type BatchOrder,
  MAX_TIMEOUTS,
  NOT_FOUND,
  requestScript,
  TAIL_BYTES,
} from './request-script.ts';

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

export interface BatchOptions {
  /** Called as answers arrive, with how many there are. */
  readonly onProgress?: (done: number) => void;
  readonly signal: AbortSignal;
}

const ANSWER_TIMEOUT_SECONDS = 10;

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
    // Twice: what is printed of a batch that broke off comes again.
    maxOutputBytes: (order.maxPageBytes + 2 * TAIL_BYTES) * (2 * order.count + 1),
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

/** Reads what the request script printed; a request whose end is missing is left out. */
function parseResults(
  output: string,
  { nonce, maxPageBytes }: Pick<BatchOrder, 'nonce' | 'maxPageBytes'>,
): readonly RequestResult[] {
  const all = output
    .split(` ${nonce}\n`)
    .slice(0, -1)
    .map((part) => parseResult(part, { nonce, maxPageBytes }));
  // What has the place 0 is the rest of a batch that broke off; its requests were made again.
  const last = new Map(all.map(({ place, result }) => [place, result] as const));
  return [...last]
    .filter(([place]) => place > 0)
    .toSorted(([a], [b]) => a - b)
    .map(([, result]) => result);
}

/** The nonce is not known to the server, so its page can't pass for what curl says. */
function parseResult(
  part: string,
  { nonce, maxPageBytes }: Pick<BatchOrder, 'nonce' | 'maxPageBytes'>,
): { readonly place: number; readonly result: RequestResult } {
  const [end = '', place, status] = / (\d+) (\d*)$/.exec(part) ?? [];
  const sent = part.slice(0, part.length - end.length);
  const exitCode = Number(status);
  return { place: Number(place), result: resultOf({ sent, exitCode, nonce, maxPageBytes }) };
}

function resultOf({
  sent,
  exitCode,
  nonce,
  maxPageBytes,
}: Pick<BatchOrder, 'nonce' | 'maxPageBytes'> & {
  readonly sent: string;
  readonly exitCode: number;
}): RequestResult {
  const tailAt = sent.lastIndexOf('\n');
  const [status = '', clientAddress = '', seconds, mark] = sent.slice(tailAt + 1).split(' ');
  const isCutOff = tailAt === -1 || mark !== nonce;
  // Where one curl makes many requests, they share the limit.
  const room = isCutOff ? maxPageBytes : maxPageBytes + 2 * TAIL_BYTES;
  const isTooLong = Buffer.byteLength(sent) >= room;
  if (isCutOff || isTooLong) {
    const body = Buffer.from(sent)
      .subarray(0, maxPageBytes + TAIL_BYTES)
      .toString();
    const rest = { exitCode, status: 0, body, clientAddress: '' };
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
