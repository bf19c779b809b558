import { CancelledError } from '../engine/model/failures/errors.ts';
import { type ProblemOf, type Prompt } from './questions/question.ts';

const LEAVE: Prompt = {
  kind: 'confirm',
  message: 'There is no question before. Leave without an inventory?',
  default: true,
};

/**
 * Asks somebody who wants to go back from the first question whether to leave.
 * @throws CancelledError when they do
 */
export async function askToLeave(
  ask: (prompt: Prompt, problemOf: ProblemOf) => Promise<unknown>,
): Promise<void> {
  if ((await ask(LEAVE, () => undefined)) === true)
    throw new CancelledError('left at the first question; no inventory was written');
}
