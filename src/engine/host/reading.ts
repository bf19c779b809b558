import { type Connection, type RunResult } from '../model/connection.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { TimeoutError } from '../model/failures/errors.ts';
import { readingLimitMs } from './limits.ts';
import { type Script } from '../model/shell/script.ts';

/** What one reading may print. */
const MOST_PRINTED_BYTES = 8 * 1024 * 1024;

/** What every reading of a host stands under. */
export type ReadingLimits = Pick<EngineContext, 'signal' | 'leastReadingMs'>;

/** What a host gets to write something down once the person has asked to stop, in milliseconds, if it answers at once. */
const LEAST_STOPPING_MS = 10_000;

/**
 * Runs a short script that writes something down on the host: under a time limit, and a request to stop does not cut it
 * off, but leaves it less time.
 * @throws TimeoutError, and CancelledError where it was not done in the time that was left.
 */
export async function runShort(
  connection: Connection,
  script: Script,
  { signal, leastReadingMs }: ReadingLimits,
): Promise<RunResult> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(
      () => {
        stop.abort(signal.reason);
      },
      readingLimitMs(connection.pace, LEAST_STOPPING_MS),
    );
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const timeoutMs = readingLimitMs(connection.pace, leastReadingMs);
    return await connection.run(script, { timeoutMs, signal: stop.signal });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Runs a script that changes nothing a person would miss: it can be interrupted at any moment, and a host that does not
 * come to its end is given up after a time that is measured against how slow it has been so far.
 * @param readings how many it stands for, which would each have had their time.
 * @param hungOn tells from the standard output so far what the host hangs on.
 * @throws TimeoutError, CancelledError, and what `Connection.run` throws.
 */
export async function read(
  connection: Connection,
  script: Script,
  {
    signal,
    leastReadingMs,
    hungOn = () => undefined,
    readings = 1,
  }: ReadingLimits & {
    readonly hungOn?: (stdout: string) => string | undefined;
    readonly readings?: number;
  },
): Promise<RunResult> {
  const timeoutMs = readings * readingLimitMs(connection.pace, leastReadingMs);
  const parts: string[] = [];
  try {
    return await connection.run(script, {
      signal,
      timeoutMs,
      maxOutputBytes: readings * MOST_PRINTED_BYTES,
      onStdout: (text) => {
        parts.push(text);
      },
    });
  } catch (cause) {
    if (!(cause instanceof TimeoutError)) throw cause;
    const step = hungOn(parts.join('')) ?? 'read';
    throw new TimeoutError(
      `the host did not come to the end of '${step}' within ${Math.round(timeoutMs / 1000)} s`,
      {
        host: connection.host,
        step,
        cause,
        hint: 'Look on the host for a command that hangs, such as df on a mount whose server is gone; nothing was changed there.',
      },
    );
  }
}

/**
 * The limits for what has to be read even after the person has asked to stop, to be able to say what is true; there is
 * less time for it then.
 */
export function evenWhenStopping<T extends ReadingLimits>(limits: T): T {
  return {
    ...limits,
    signal: new AbortController().signal,
    leastReadingMs: limits.signal.aborted ? LEAST_STOPPING_MS : limits.leastReadingMs,
  };
}
