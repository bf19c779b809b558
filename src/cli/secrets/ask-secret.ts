import { CancelledError, UsageError } from '../../engine/model/failures/errors.ts';
import { Secret } from '../../engine/model/secret.ts';
import { isPromptEnd } from '../terminal/prompt-end.ts';

/** A question for a password. */
export interface SecretQuestion {
  readonly message: string;
  /** What to do where there is nobody to ask: one imperative sentence. */
  readonly otherwise: string;
  /** Why what was typed can't be it. */
  readonly problemOf?: (typed: Secret) => Promise<string | undefined>;
}

/** Whether a person can be asked: also where the output goes to a file, as `--json` may. */
export function canAsk(): boolean {
  return process.stdin.isTTY && (process.stdout.isTTY || process.stderr.isTTY);
}

/**
 * Asks for a password at the terminal, where it is not shown; it may be empty.
 * @throws UsageError where there is nobody to ask; CancelledError on Ctrl-C.
 */
export async function askSecret(
  { message, otherwise, problemOf }: SecretQuestion,
  signal: AbortSignal,
): Promise<Secret> {
  if (!canAsk()) {
    throw new UsageError(`there is no terminal to ask on: ${message}`, { hint: otherwise });
  }
  const { default: inquirer } = await import('inquirer');
  const output = process.stdout.isTTY ? process.stdout : process.stderr;
  const prompt = inquirer.createPromptModule({ signal, output });
  const validate = async (typed: string): Promise<string | true> =>
    (await problemOf?.(new Secret(typed))) ?? true;
  try {
    const { typed } = await prompt<{ typed: string }>([
      { type: 'password', name: 'typed', message, mask: true, validate },
    ]);
    return new Secret(typed);
  } catch (cause) {
    if (!isPromptEnd(cause)) throw cause;
    throw new CancelledError('stopped at the question; nothing was changed', { cause });
  }
}
