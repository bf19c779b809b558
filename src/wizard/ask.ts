import inquirer from 'inquirer';

import { type ProblemOf, type Prompt } from './question.ts';

/**
 * Asks a person at the terminal.
 * @throws an error called ExitPromptError or AbortPromptError after Ctrl-C, Esc, or the signal
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
    return await show(prompt, problemOf, AbortSignal.any([signal, escape.signal]));
  } finally {
    process.stdin.off('keypress', onKey);
  }
}

async function show(
  { kind, message, default: fallback, choices = [] }: Prompt,
  problemOf: ProblemOf,
  signal: AbortSignal,
): Promise<unknown> {
  const common = { name: 'given', message } as const;
  const ask = inquirer.createPromptModule({ signal });
  const validate = (given: string): string | true => problemOf(given) ?? true;
  switch (kind) {
    case 'select': {
      const named = choices.map(({ label, ...choice }) => ({
        ...choice,
        name: label,
        short: label.startsWith(choice.value) ? choice.value : label,
      }));
      const list = { choices: named, default: fallback, loop: false, pageSize: 14 };
      return (await ask([{ ...common, ...list, type: 'select' }])).given;
    }
    case 'confirm': {
      const isDefault = fallback === true;
      return (await ask([{ ...common, default: isDefault, type: 'confirm' }])).given;
    }
    case 'password':
      return (await ask([{ ...common, validate, mask: true, type: 'password' }])).given;
    case 'input': {
      const shown = fallback === undefined ? {} : { default: String(fallback) };
      return (await ask([{ ...common, validate, ...shown, type: 'input' }])).given;
    }
  }
}
