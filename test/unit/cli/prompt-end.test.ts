import { expect, test } from '@jest/globals';
import inquirer from 'inquirer';
import { PassThrough } from 'node:stream';

import { isPromptEnd } from '../../../src/cli/terminal/prompt-end.ts';

const streams = (): { input: NodeJS.ReadStream; output: NodeJS.WriteStream } => ({
  input: new PassThrough() as unknown as NodeJS.ReadStream,
  output: new PassThrough() as unknown as NodeJS.WriteStream,
});
const question = { type: 'input', name: 'typed', message: 'What?' } as const;

test('a question that is withdrawn, or left with Ctrl-C, has ended', async () => {
  const stop = new AbortController();
  const withdrawn = inquirer.createPromptModule({ ...streams(), signal: stop.signal })([question]);
  stop.abort();
  expect(isPromptEnd(await withdrawn.catch((error: unknown) => error))).toBe(true);
  const terminal = streams();
  const left = inquirer.createPromptModule(terminal)([question]);
  (terminal.input as unknown as PassThrough).write('\u0003');
  expect(isPromptEnd(await left.catch((error: unknown) => error))).toBe(true);
});

test('anything else that goes wrong at a question is no end of it', async () => {
  const when = (): never => {
    throw new TypeError('a mistake');
  };
  const terminal = streams();
  const asked = inquirer.createPromptModule(terminal)([{ ...question, when }]);
  expect(isPromptEnd(await asked.catch((cause: unknown) => cause))).toBe(false);
  expect(isPromptEnd(new Error('ExitPromptError'))).toBe(false);
});
