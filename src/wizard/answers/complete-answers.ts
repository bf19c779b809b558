import { didYouMean } from '../../inventory/suggestion.ts';
import { type Answer, type Answers } from './answers.ts';
import { checkAnswer } from './check-answer.ts';
import { type Question, type QuestionContext } from '../questions/question.ts';
import { questionsFor } from '../questions/questions.ts';
import { type GivenAnswers } from './read-answers.ts';

/** What answers given beforehand come to. */
export interface Completion {
  /** Those that were given, in the form in which they are kept. */
  readonly given: Answers;
  /** Those that were given, and defaults for what wasn't. */
  readonly complete: Answers;
  /** What is wrong with those that were given, one line each. */
  readonly wrong: readonly string[];
  /** What was not given and has no default, one line each. */
  readonly missing: readonly string[];
}

/** Passwords are asked for at a terminal only: they would be read by others in options, and left behind in files. */
const PASSWORDS = /^login\.(sudo_)?password$/;

/** Goes through all questions without asking any of them. */
export function completeAnswers(
  given: GivenAnswers,
  fixed: Omit<QuestionContext, 'given' | 'found' | 'logsIn'>,
): Completion {
  const context = {
    ...fixed,
    given: new Set(given.keys()),
    found: new Map(),
    logsIn: false,
  };
  const pass = new Pass(given);
  for (;;) {
    const question = questionsFor(pass.complete, context).find(({ name }) => !pass.knows(name));
    if (question === undefined) return pass.end();
    pass.visit(question);
  }
}

class Pass {
  readonly complete = new Map<string, Answer>();
  readonly #given: GivenAnswers;
  readonly #taken = new Map<string, Answer>();
  readonly #visited = new Set<string>();
  readonly #wrong: string[] = [];
  readonly #missing: string[] = [];

  constructor(given: GivenAnswers) {
    this.#given = given;
  }

  knows(name: string): boolean {
    return this.#visited.has(name);
  }

  visit(question: Question): void {
    const { name } = question;
    this.#visited.add(name);
    const given = this.#given.get(name);
    if (given === undefined) {
      this.#takeDefault(question);
      return;
    }
    const checked = checkAnswer(question, given.value, this.complete);
    if (checked.ok) {
      this.complete.set(name, checked.value);
      this.#taken.set(name, checked.value);
    } else this.#wrong.push(`${placeOf(given.at)}: ${checked.problem}`);
  }

  end(): Completion {
    for (const [name, { at }] of this.#given) {
      if (!this.#visited.has(name)) this.#wrong.push(`${placeOf(at)}: ${this.#unasked(name)}`);
    }
    const { complete } = this;
    return { complete, given: this.#taken, wrong: this.#wrong, missing: this.#missing };
  }

  #takeDefault(question: Question): void {
    const { name, message, default: fallback, instead } = question;
    if (fallback === undefined) {
      const otherwise = instead === undefined ? '' : ` (${instead})`;
      this.#missing.push(`${name} is missing: ${message}${otherwise}`);
      return;
    }
    const checked = checkAnswer(question, fallback, this.complete);
    if (checked.ok) this.complete.set(name, checked.value);
    else this.#missing.push(`${name} is missing: ${message} (${checked.problem})`);
  }

  #unasked(name: string): string {
    if (PASSWORDS.test(name)) return `${name} can't be given, it is asked for at a terminal only`;
    const suggestion = didYouMean(name, [...this.#visited]);
    const why = 'there is no such answer, or it makes no sense beside the others';
    return `${name}: ${why}${suggestion === undefined ? '' : ` (${suggestion})`}`;
  }
}

function placeOf({ file, line, column }: { file: string; line: number; column: number }): string {
  return file.startsWith('--') ? file : `${file}:${line}:${column}`;
}
