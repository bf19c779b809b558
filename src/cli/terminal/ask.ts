import { CancelledError, UsageError } from '../../engine/model/failures/errors.ts';
import { isPromptEnd } from './prompt-end.ts';

/**
 * Asks a question that a person answers with yes or no; no is the default.
 * @throws UsageError where there is nobody to ask; CancelledError on Ctrl-C.
 */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError('there is no terminal to ask for a confirmation on', {
      hint: 'Go on without being asked with `lvslab … --yes`.',
    });
  }
  const { default: inquirer } = await import('inquirer');
  try {
    const prompt = inquirer.createPromptModule({ signal });
    const { agreed } = await prompt<{ agreed: boolean }>([
      { type: 'confirm', name: 'agreed', message: question, default: false },
    ]);
    return agreed;
  } catch (cause) {
    if (!isPromptEnd(cause)) throw cause;
    throw new CancelledError('stopped at the question; nothing was changed', { cause });
  }
}
