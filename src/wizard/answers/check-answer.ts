import { hasTemplate, TEMPLATES } from '../../inventory/yaml/jinja.ts';
import { shown } from '../../inventory/shown.ts';
import { type Answer, type Answers, hostKeys, hostName } from './answers.ts';
import { labProblems } from '../inventory/draft-inventory.ts';
import { type Question } from '../questions/question.ts';

/** An answer as it is kept, or why it can't be one. */
export type Checked =
  { readonly ok: true; readonly value: Answer } | { readonly ok: false; readonly problem: string };

/** Judges an answer by itself, by what was found, and by what the lab would be with it and all answers before it. */
export function checkAnswer(question: Question, given: unknown, answers: Answers): Checked {
  const { name, kind, schema, expected } = question;
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const value = kind === 'password' ? '' : `, not ${shown(given)}`;
    return { ok: false, problem: `${name} must be ${expected}${value}` };
  }
  if (kind !== 'password' && hasTemplate(parsed.data)) {
    return { ok: false, problem: `${name}: ${TEMPLATES}` };
  }
  const problem = newProblem(name, parsed.data, answers) ?? unfitting(question, parsed.data);
  return problem === undefined
    ? { ok: true, value: parsed.data }
    : { ok: false, problem: `${name}: ${problem}` };
}

/** Where a host is logged in to is its RIP or CIP only until that is answered itself: it is asked for when it must be. */
const IMPLIED = /^the [RC]IP /;

/** What is wrong with this answer that would not be wrong without it. */
function newProblem(name: string, value: Answer, answers: Answers): string | undefined {
  const before = new Map(answers);
  before.delete(name);
  const after = new Map(before).set(name, value);
  const known = new Set(labProblems(before).map(({ message }) => message));
  const problem = labProblems(after).find(
    ({ answer, message }) =>
      (answer === name || !known.has(message)) &&
      !(name.endsWith('.address') && IMPLIED.test(message)),
  );
  return problem?.message ?? sameName(name, value, before);
}

/** What keeps it from being an answer beside what was found. */
function unfitting({ choices, rule }: Question, value: Answer): string | undefined {
  if (choices !== undefined && !choices.some((choice) => choice.value === value)) {
    const there = choices.map((choice) => choice.value).join(', ');
    return `there is no ${shown(value)} to choose, but ${there}`;
  }
  return rule?.(value);
}

function sameName(name: string, value: Answer, answers: Answers): string | undefined {
  if (!name.endsWith('.name')) return undefined;
  const other = hostKeys(answers).find(
    (key) => `${key}.name` !== name && hostName(answers, key) === value,
  );
  return other === undefined ? undefined : `another host is called ${shown(value)} already`;
}
