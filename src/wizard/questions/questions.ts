import { type Answers } from '../answers/answers.ts';
import { clientQuestions } from './client-questions.ts';
import { directorQuestions, realServerQuestions, serviceQuestions } from './lab-questions.ts';
import { loginQuestions } from './login-questions.ts';
import { type Question, type QuestionContext } from './question.ts';

/** All questions that the answers so far leave to be asked, those that are answered among them, in their order. */
export function questionsFor(answers: Answers, context: QuestionContext): readonly Question[] {
  return [
    ...loginQuestions(answers, context),
    ...directorQuestions(answers, context),
    ...realServerQuestions(answers, context),
    ...clientQuestions(answers, context),
    ...serviceQuestions(answers, context),
  ];
}
