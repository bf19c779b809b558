import { schedulers } from '../../../src/ipvs/schedulers.ts';
import { type Surroundings } from '../../../src/wizard/question.ts';
import { type GivenAnswers } from '../../../src/wizard/read-answers.ts';

/** Answers as if each had been given in an option. */
export function givenFrom(answers: Readonly<Record<string, unknown>>): GivenAnswers {
  return new Map(
    Object.entries(answers).map(([name, value]) => [
      name,
      { value, at: { file: '--answer', line: 1, column: 1 } },
    ]),
  );
}

/** A machine with one address, where those answers were given. */
export function surroundings(
  answers: Readonly<Record<string, unknown>> = {},
): Omit<Surroundings, 'found' | 'logsIn'> {
  return { schedulers, ownAddresses: ['10.1.0.77'], given: new Set(Object.keys(answers)) };
}
