import { BACK, type ProblemOf } from '../../wizard/questions/question.ts';
import { type Questions } from './questions.ts';
import { exists } from './write-inventory.ts';

/** A file to write, and whether one that is there may be replaced. */
interface Target {
  readonly file: string;
  readonly replace: boolean;
}

/** What is to be done with the inventory. */
export interface LastAnswers {
  readonly target: Target;
  readonly planNow: boolean;
}

/** What the command line says of it already. */
export interface LastFlags {
  /** The file, where it was named. */
  readonly given: string | undefined;
  readonly usual: string;
  readonly force: boolean;
  /** Not set: to be asked. */
  readonly plan: boolean | undefined;
}

/** Asks where to write the inventory and whether to plan; BACK from the first of these questions. */
export async function askLast(
  flags: LastFlags,
  questions: Questions,
): Promise<LastAnswers | typeof BACK> {
  let before: Target | undefined;
  for (;;) {
    const { target, isAsked } = await chooseTarget(flags, questions, before);
    if (target === BACK) return BACK;
    const message = 'Plan now? It logs in to the hosts and changes nothing';
    const planNow = flags.plan ?? (await askYesOrNo(message, questions));
    if (planNow !== BACK) return { target, planNow };
    if (!isAsked) return BACK;
    before = target;
  }
}

interface Choice {
  readonly target: Target | typeof BACK;
  readonly isAsked: boolean;
}

/** Asks until the file is a new one or may be replaced; after one that was chosen before, from the last question on. */
async function chooseTarget(
  { given, usual, force }: LastFlags,
  questions: Questions,
  before?: Target,
): Promise<Choice> {
  const askAnother = async (): Promise<string | typeof BACK> => {
    const typed = await askForFile(before?.file ?? usual, questions);
    return typed === BACK ? (given ?? BACK) : typed;
  };
  const known = before === undefined ? given : before.replace ? before.file : undefined;
  let isAsked = known === undefined;
  let file = known ?? (await askAnother());
  while (file !== BACK) {
    const isThere = !force && (await exists(file));
    if (!isThere) return { target: { file, replace: force }, isAsked };
    isAsked = true;
    const answer = await askYesOrNo(`${file} is there already. Replace it?`, questions);
    if (answer === true) return { target: { file, replace: true }, isAsked };
    if (answer === BACK && file === given) break;
    file = await askAnother();
  }
  return { target: BACK, isAsked };
}

async function askForFile(usual: string, { ask }: Questions): Promise<string | typeof BACK> {
  const problemOf: ProblemOf = (given) =>
    given === '' ? 'A file is needed. Ctrl-C leaves without writing one.' : undefined;
  const typed = await ask({ kind: 'input', message: 'File to write', default: usual }, problemOf);
  return typed === BACK ? BACK : String(typed);
}

async function askYesOrNo(message: string, { ask }: Questions): Promise<boolean | typeof BACK> {
  const answer = await ask({ kind: 'confirm', message, default: false }, () => undefined);
  return answer === BACK ? BACK : answer === true;
}
