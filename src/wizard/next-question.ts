import { type Answer, type Answers } from './answers.ts';
import { checkAnswer } from './check-answer.ts';
import { type Question, type Surroundings } from './question.ts';
import { questionsFor } from './questions.ts';

/** Where the wizard stands: the answers, those that nobody had to be asked for among them, and what to ask next. */
export interface Standing {
  readonly answers: Answers;
  /** Nothing when all is answered. */
  readonly question?: Question;
}

/** Goes on from the answers to the next question that a person has to be asked. */
export function nextQuestion(given: Answers, around: Surroundings): Standing {
  let answers = given;
  for (;;) {
    const question = questionsFor(answers, around).find(({ name }) => !answers.has(name));
    if (question === undefined) return { answers };
    const taken = question.quiet ? defaultOf(question, answers) : undefined;
    if (taken === undefined) return { answers, question };
    answers = new Map(answers).set(question.name, taken);
  }
}

/** The default of a question, where it has one that can be. */
function defaultOf(question: Question, answers: Answers): Answer | undefined {
  if (question.default === undefined) return undefined;
  const checked = checkAnswer(question, question.default, answers);
  return checked.ok ? checked.value : undefined;
}
