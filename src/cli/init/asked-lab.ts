import { type Answers, secretOf } from '../../wizard/answers/answers.ts';
import { inventoryFrom } from '../../wizard/inventory/inventory-from.ts';
import { askToLeave } from '../../wizard/leaving.ts';
import { BACK } from '../../wizard/questions/question.ts';
import { type Passwords } from '../flags.ts';
import { type Passphrases } from '../secrets/passphrases.ts';
import { type Screen } from '../terminal/screen.ts';
import { type AnswerFlags, answersGiven, questionContext, unusable } from './given-answers.ts';
import { askLast, type LastAnswers, type LastFlags } from './last-questions.ts';
import { openInterview } from './open-interview.ts';
import { type Questions, withQuestions } from './questions.ts';
import { showLab } from './write-inventory.ts';

/** What a person at a terminal need not be asked. */
export interface AskedFlags extends AnswerFlags {
  readonly embedded?: boolean;
  /** Which embedded lab. */
  readonly name?: string;
  readonly force?: boolean;
  /** false: log in to no host. */
  readonly probe: boolean;
  readonly plan?: boolean;
}

/** An inventory as text, and what is not in there. */
interface MadeLab {
  readonly text: string;
  /** What plan needs. */
  readonly passwords: Passwords;
  /** Whether a draft has become this lab. */
  readonly hasDraft: boolean;
}

/** An inventory to write, and what is to be done with it. */
export type NewLab = MadeLab & LastAnswers;

/**
 * Asks for what is missing, draws the lab, and asks what to do with it; each of these questions can be gone back from.
 * @throws CancelledError when the person leaves; UsageError for answers that can't be
 */
export async function askedLab(
  { file, usual }: { readonly file: string | undefined; readonly usual: string },
  flags: AskedFlags,
  screen: Screen,
): Promise<NewLab> {
  const { force = false, plan } = flags;
  const last: LastFlags = { given: file, usual, force, plan };
  return await withQuestions(screen, async (questions) => {
    const source =
      flags.embedded === true
        ? await embeddedSource(flags, questions)
        : await interviewSource(flags, questions, screen);
    for (;;) {
      const made = await source.make();
      await showLab(made.text, questions.tell);
      const answers = await askLast(last, questions);
      if (answers !== BACK) return { ...made, ...answers };
      await source.back();
    }
  });
}

/** Where an inventory comes from. */
interface Source {
  readonly make: () => Promise<MadeLab>;
  /** Takes back the last answer that led to it. */
  readonly back: () => Promise<void>;
}

async function embeddedSource({ name }: AskedFlags, { ask }: Questions): Promise<Source> {
  const { embeddedInventory } = await import('./embedded-inventory.ts');
  const text = await embeddedInventory(name);
  return {
    make: async () => Promise.resolve({ text, passwords: {}, hasDraft: false }),
    back: async () => {
      await askToLeave(ask);
    },
  };
}

async function interviewSource(
  flags: AskedFlags,
  questions: Questions,
  screen: Screen,
): Promise<Source> {
  const { given, wrong } = await answersGiven(flags);
  if (wrong.length > 0) throw unusable(wrong);
  const passphrases: Passphrases = new Map();
  const start = { given, context: questionContext(), probe: flags.probe, passphrases };
  const { interview, isAsking } = await openInterview(start, questions, screen);
  return {
    make: async () => {
      const answers = await interview.run();
      const passwords = { passphrases, ...typedPasswords(answers) };
      return { text: inventoryFrom(answers), passwords, hasDraft: isAsking };
    },
    back: async () => {
      await interview.back();
    },
  };
}

function typedPasswords(answers: Answers): Passwords {
  const login = secretOf(answers, 'login.password');
  const become = secretOf(answers, 'login.sudo_password');
  return { ...(login !== undefined && { login }), ...(become !== undefined && { become }) };
}
