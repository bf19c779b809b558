import inquirer from 'inquirer';

import { CancelledError } from '../engine/model/failures/errors.ts';
import { yesOrNo } from '../inventory/variables/value-schemas.ts';
import { BACK, type ProblemOf, type Prompt } from './questions/question.ts';

/** What is typed for the question before; no answer begins so. */
const BACK_KEY = '<';

/**
 * Asks a person at the terminal; BACK after `<` or Esc.
 * @throws CancelledError after Ctrl-C or the signal
 */
export async function askAtTerminal(
  prompt: Prompt,
  problemOf: ProblemOf,
  signal: AbortSignal,
): Promise<unknown> {
  const escape = new AbortController();
  const onKey = (_text: string | undefined, key: { readonly name?: string }): void => {
    if (key.name === 'escape') escape.abort();
  };
  process.stdin.on('keypress', onKey);
  try {
    const given = await show(prompt, problemOf, AbortSignal.any([signal, escape.signal]));
    return given === BACK_KEY ? BACK : given;
  } catch (cause) {
    if (!isLeaving(cause)) throw cause;
    if (escape.signal.aborted && !signal.aborted) return BACK;
    throw new CancelledError('left without an answer; no inventory was written', { cause });
  } finally {
    process.stdin.off('keypress', onKey);
  }
}

/** Whether the prompt ended for want of an answer; anything else that it throws is a mistake. */
function isLeaving(error: unknown): boolean {
  return error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name);
}

async function show(
  { kind, message, default: fallback, choices = [] }: Prompt,
  problemOf: ProblemOf,
  signal: AbortSignal,
): Promise<unknown> {
  const common = { name: 'given', message } as const;
  const ask = inquirer.createPromptModule({ signal });
  const validate = (given: string): string | true =>
    given === BACK_KEY ? true : (inLines(problemOf(given)) ?? true);
  switch (kind) {
    case 'select': {
      const named = choices.map(({ label, ...choice }) => ({
        ...choice,
        name: label,
        short: label.startsWith(choice.value) ? choice.value : label,
      }));
      // Typing the key moves to it, as typing the beginning of any choice does.
      const back = { value: BACK_KEY, name: `${BACK_KEY} the question before`, short: BACK_KEY };
      const list = { choices: [...named, back], default: fallback, loop: false, pageSize: 16 };
      return (await ask([{ ...common, ...list, type: 'select' }])).given;
    }
    case 'confirm':
      return await confirm({ message, isDefault: fallback === true }, signal);
    case 'password':
      return (await ask([{ ...common, validate, mask: true, type: 'password' }])).given;
    case 'input': {
      const shown = fallback === undefined ? {} : { default: String(fallback) };
      return (await ask([{ ...common, validate, ...shown, type: 'input' }])).given;
    }
  }
}

/** A line of its own: the library's question for yes or no takes no other word. */
async function confirm(
  { message, isDefault }: { readonly message: string; readonly isDefault: boolean },
  signal: AbortSignal,
): Promise<unknown> {
  const ask = inquirer.createPromptModule({ signal });
  const validate = (given: string): string | true =>
    given === BACK_KEY || yesOrNo.safeParse(given).success || 'Type y for yes or n for no.';
  const line = { default: isDefault ? 'yes' : 'no', validate, type: 'input' } as const;
  const { given } = await ask<{ given: string }>([{ name: 'given', message, ...line }]);
  return given === BACK_KEY ? BACK_KEY : yesOrNo.parse(given);
}

/** The library would break a line within a word. */
function inLines(text: string | undefined): string | undefined {
  // It puts two characters before the first one.
  const width = Math.max(20, process.stdout.columns - 3);
  return text?.replaceAll(new RegExp(`(?=.{${width + 1}})(.{1,${width}}) `, 'g'), '$1\n');
}
