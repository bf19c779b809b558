import { type Connection } from '../../engine/model/connection.ts';
import { CancelledError, LvslabError } from '../../engine/model/failures/errors.ts';
import { readingLimitMs } from '../../engine/host/limits.ts';
import { combine, sections } from '../../engine/host/observe.ts';
import { type Observed, unknown, value } from '../../engine/model/resource.ts';
import { type Script } from '../../engine/model/shell/script.ts';

/** What every part of a verification needs beside a connection. */
export interface VerifyContext {
  /** A fresh random word of letters and digits. */
  readonly nonce: () => string;
  readonly signal: AbortSignal;
}

/**
 * Runs scripts on a host in one session and tells what each of them printed; what can't be told is unknown, with the
 * reason, and no error.
 * @throws CancelledError
 */
export async function observeParts(
  connection: Connection,
  scripts: readonly Script[],
  { nonce, signal }: VerifyContext,
): Promise<readonly Observed<string>[]> {
  const fence = nonce();
  try {
    const options = { signal, timeoutMs: readingLimitMs(connection.pace) };
    const { stdout, stderr } = await connection.run(combine(scripts, fence), options);
    const outputs = sections(stdout, fence);
    const errors = sections(stderr, fence);
    return scripts.map((_, i) => {
      const section = outputs.get(i);
      if (section === undefined) return unknown('the script broke off');
      if (section.exitCode === 0) return value(section.output);
      return unknown(lastLine(errors.get(i)?.output) ?? `exit status ${section.exitCode}`);
    });
  } catch (error) {
    if (!(error instanceof LvslabError) || error instanceof CancelledError) throw error;
    return scripts.map(() => unknown(error.message));
  }
}

/** Applies a parser to what was read; what the parser refuses is unknown as well. */
export function parsed<T>(
  read: Observed<string> | undefined,
  parse: (text: string) => T,
): Observed<T> {
  if (read === undefined) return unknown('not read');
  if (read.kind !== 'value') return read;
  try {
    return value(parse(read.value));
  } catch (error) {
    return unknown(error instanceof Error ? error.message : String(error));
  }
}

function lastLine(text: string | undefined): string | undefined {
  const last = text?.trim().split('\n').at(-1);
  return last === '' ? undefined : last;
}
