import { setImmediate as turn } from 'node:timers/promises';
import { type ProblemOf, type Prompt } from '../../wizard/questions/question.ts';
import { type Screen } from '../terminal/screen.ts';
import { UnaskedInput } from './unasked-input.ts';

/** One person at a terminal. */
export interface Questions {
  /**
   * BACK when they want the question before.
   * @throws CancelledError when they leave
   */
  readonly ask: (prompt: Prompt, problemOf: ProblemOf) => Promise<unknown>;
  /** Tells something; when this resolves it stands there, before the next question. */
  readonly tell: (text: string) => Promise<void>;
}

/** Whether a person can be asked at all. */
export function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Tells something; when this resolves it stands there. */
export async function tell({ reporter }: Screen, text: string): Promise<void> {
  reporter.say(text);
  await turn();
}

/** Lets somebody ask a person, who can answer nothing but what is being asked. */
export async function withQuestions<T>(
  screen: Screen,
  work: (questions: Questions) => Promise<T>,
): Promise<T> {
  const { askAtTerminal } = await import('../../wizard/ask.ts');
  const input = new UnaskedInput(process.stdin);
  input.hold();
  try {
    return await work({
      ask: async (prompt, problemOf) => {
        await input.release();
        try {
          return await askAtTerminal(prompt, problemOf, screen.signal);
        } finally {
          input.hold();
        }
      },
      tell: async (text) => {
        await tell(screen, text);
      },
    });
  } finally {
    input.end();
  }
}
