import { schedulers } from '../../../src/ipvs/distribution/schedulers.ts';
import { type Answer } from '../../../src/wizard/answers/answers.ts';
import { type QuestionContext } from '../../../src/wizard/questions/question.ts';
import { type GivenAnswers } from '../../../src/wizard/answers/read-answers.ts';

/** Answers by their names. */
export type Given = Readonly<Record<string, Answer>>;

/** All about a director. */
export const director: Given = {
  'login.user': 'root',
  'login.method': 'keys',
  'director.address': '10.1.0.1',
  'director.dip_interface': 'eth1',
  'director.dip': '10.0.0.1',
  prefix: 24,
  'director.vip_interface': 'eth0',
  vip: '10.1.0.1',
  port: 80,
};

/** A lab of a director and a real server. */
export const oneServer: Given = {
  ...director,
  'real_servers.count': 1,
  'login.through_director': false,
  'real_servers.1.address': '10.0.0.2',
  'real_servers.1.interface': 'eth0',
};

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
export function questionContext(
  answers: Readonly<Record<string, unknown>> = {},
): Omit<QuestionContext, 'found' | 'logsIn'> {
  return {
    schedulers,
    ownAddresses: ['10.1.0.77'],
    cloudUsers: [],
    given: new Set(Object.keys(answers)),
  };
}
