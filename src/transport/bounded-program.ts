import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { endGroup } from './process-group.ts';

/** How a program of this machine ended. */
export interface ProgramResult {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramLimits {
  readonly timeoutMs: number;
  /** For standard output and standard error, each. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** A program was ended because it took too long or printed too much; the message says which. */
export class ProgramLimitError extends Error {
  override readonly name = 'ProgramLimitError';
}

/**
 * Runs a program without input to its end, and never longer or louder than it may be: then it is killed with all that it
 * started.
 * @throws ProgramLimitError; the signal's reason; the system's error when it can't be started.
 */
export async function runBounded(
  program: string,
  args: readonly string[],
  { timeoutMs, maxBytes, signal }: ProgramLimits,
): Promise<ProgramResult> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let stop: (reason: unknown) => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  const bounded = async (stream: NodeJS.ReadableStream): Promise<string> => {
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) stop(new ProgramLimitError(`it printed more than ${maxBytes} bytes`));
    });
    return await text(stream);
  };
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const ended = Promise.all([exit, bounded(child.stdout), bounded(child.stderr)]);
  const timer = setTimeout(() => {
    stop(new ProgramLimitError(`it did not end within ${timeoutMs / 1000} s`));
  }, timeoutMs);
  const onAbort = (): void => {
    stop(signal?.reason);
  };
  signal?.addEventListener('abort', onAbort);
  try {
    const [exitCode, stdout, stderr] = await Promise.race([ended, stopped]);
    return { exitCode, stdout, stderr };
  } catch (error) {
    // Told already, by the error that is thrown here: its pipes break because it is killed.
    ended.catch(() => undefined);
    endGroup(child, 'SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}
