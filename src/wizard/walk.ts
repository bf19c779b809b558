import { Secret } from '../engine/model/secret.ts';
import { type Answer, type Answers } from './answers/answers.ts';
import { checkAnswer } from './answers/check-answer.ts';
import { type Question, type QuestionContext } from './questions/question.ts';
import { questionsFor } from './questions/questions.ts';

/** A question that was answered on the way. */
interface Step {
  readonly name: string;
  /** All answers there were when it was asked. */
  readonly before: Answers;
  /** Whether what was answered is what Enter would have taken. */
  readonly isDefault: boolean;
}

/** An answer that was taken back. */
export interface Offer {
  readonly value: Answer;
  /** Whether it was merely the default: another default is as good then. */
  readonly isDefault: boolean;
}

/** How far somebody has come through the questions, and what is known of the answers to come. */
export interface Walk {
  readonly answers: Answers;
  /** The questions that were answered on the way, the last one last, so that each can be undone. */
  readonly trail: readonly Step[];
  /** Given beforehand: each is taken without asking when its question comes, and nobody goes back to it. */
  readonly given: Answers;
  /** Answers of a draft: taken without asking as well, and undone like any answer. */
  readonly drafted: Answers;
  /** Answers that were taken back: offered when their question comes again. */
  readonly offers: ReadonlyMap<string, Offer>;
}

/** What comes next on the way. */
export type Next =
  | { readonly kind: 'ask'; readonly question: Question }
  /** Nobody need be asked this. */
  | { readonly kind: 'take'; readonly question: Question; readonly walk: Walk }
  | { readonly kind: 'end' };

/** The beginning, with what is known beforehand. */
export function walkWith(known: Partial<Omit<Walk, 'answers' | 'trail'>>): Walk {
  const nothing = { given: new Map(), drafted: new Map(), offers: new Map() };
  return { answers: new Map(), trail: [], ...nothing, ...known };
}

/** The next question, or the step past one that is answered already. */
export function nextOn(walk: Walk, context: QuestionContext): Next {
  const { answers, given, drafted } = walk;
  const question = questionsFor(answers, context).find(({ name }) => !answers.has(name));
  if (question === undefined) return { kind: 'end' };
  const { name, quiet } = question;
  const ready = usable(question, given.get(name), answers);
  if (ready !== undefined) return { kind: 'take', question, walk: taken(walk, name, ready) };
  const from = usable(question, drafted.get(name), answers);
  if (from !== undefined) return { kind: 'take', question, walk: answered(walk, question, from) };
  const usual = quiet === true ? usable(question, question.default, answers) : undefined;
  if (usual !== undefined) return { kind: 'take', question, walk: taken(walk, name, usual) };
  return { kind: 'ask', question: withReason(withOffer(question, walk), walk) };
}

/** Somebody's answer, which was checked; its question can be asked again. */
export function answered(walk: Walk, question: Question, value: Answer): Walk {
  const { name } = question;
  const offer = walk.offers.get(name);
  const isKept = offer?.isDefault === false && offer.value === value;
  const step = { name, before: walk.answers, isDefault: !isKept && value === question.default };
  return { ...taken(walk, name, value), trail: [...walk.trail, step] };
}

/** Back at the question that was answered last; undefined where there is none. */
export function wentBack(walk: Walk): Walk | undefined {
  const last = walk.trail.at(-1);
  if (last === undefined) return undefined;
  const offers = new Map(walk.offers);
  // What a draft still holds is asked from here on: somebody wants to change something.
  for (const [name, value] of walk.drafted) {
    if (!walk.answers.has(name)) offers.set(name, { value, isDefault: false });
  }
  const value = walk.answers.get(last.name);
  // A password can't be shown as a default.
  if (value === undefined || value instanceof Secret) offers.delete(last.name);
  else offers.set(last.name, { value, isDefault: last.isDefault });
  return {
    ...walk,
    answers: last.before,
    trail: walk.trail.slice(0, -1),
    drafted: new Map(),
    offers,
  };
}

/** Without these answers, whoever gave them: their questions come again, and offer what was answered. */
export function without(walk: Walk, names: readonly string[]): Walk {
  const offers = new Map(walk.offers);
  for (const name of names) {
    const value = walk.answers.get(name);
    if (value !== undefined && !(value instanceof Secret))
      offers.set(name, { value, isDefault: false });
  }
  const drop = (answers: Answers): Answers =>
    new Map([...answers].filter(([name]) => !names.includes(name)));
  const { answers, given, drafted } = walk;
  return { ...walk, answers: drop(answers), given: drop(given), drafted: drop(drafted), offers };
}

function taken(walk: Walk, name: string, value: Answer): Walk {
  return { ...walk, answers: new Map(walk.answers).set(name, value) };
}

/** The value as an answer that can be taken. */
function usable(question: Question, value: unknown, answers: Answers): Answer | undefined {
  if (value === undefined) return undefined;
  const checked = checkAnswer(question, value, answers);
  return checked.ok ? checked.value : undefined;
}

function withOffer(question: Question, { offers, answers }: Walk): Question {
  const offer = offers.get(question.name);
  // Where no answer means another probe, Enter must go on meaning that.
  if (offer === undefined || question.probesAgain !== undefined) return question;
  if (offer.isDefault && question.default !== undefined) return question;
  const value = usable(question, offer.value, answers);
  return value === undefined ? question : { ...question, default: value };
}

/** Why an answer that there was is not taken. */
function withReason(question: Question, { given, drafted, answers }: Walk): Question {
  const value = given.get(question.name) ?? drafted.get(question.name);
  if (value === undefined) return question;
  const checked = checkAnswer(question, value, answers);
  if (checked.ok) return question;
  const note = `It can't be what was answered before: ${checked.problem}`;
  return { ...question, note: question.note === undefined ? note : `${note}\n${question.note}` };
}
