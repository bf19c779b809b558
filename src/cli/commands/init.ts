import { networkInterfaces } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { CancelledError, UsageError } from '../../engine/errors.ts';
import { quote } from '../../engine/script.ts';
import { InventoryError } from '../../inventory/inventory-error.ts';
import { schedulers } from '../../ipvs/schedulers.ts';
import { renderLab } from '../../reporters/render-lab.ts';
import { secretOf } from '../../wizard/answers.ts';
import { completeAnswers } from '../../wizard/complete-answers.ts';
import { interview } from '../../wizard/interview.ts';
import { type ProblemOf, type Prompt } from '../../wizard/question.ts';
import { inventoryFrom } from '../../wizard/inventory-from.ts';
import {
  type GivenAnswers,
  readAnswerOptions,
  readAnswersFile,
} from '../../wizard/read-answers.ts';
import { readyAnswers } from '../../wizard/ready-answers.ts';
import { EXIT } from '../exit-codes.ts';
import { type OutputFlags, type Passwords } from '../flags.ts';
import { lookAtHost } from '../init/look-at-host.ts';
import { alreadyThere, exists, labOf, writeInventory } from '../init/write-inventory.ts';
import { type Passphrases } from '../passphrases.ts';
import { type Screen, withScreen } from '../screen.ts';
import { plan } from './plan.ts';

/** What `lvslab init` can be told beforehand. */
export interface InitFlags extends Pick<OutputFlags, 'invocation'> {
  readonly answer: readonly string[];
  readonly answers?: string;
  readonly from?: keyof typeof readyAnswers;
  readonly embedded?: boolean;
  readonly force?: boolean;
  /** false: log in to no host. */
  readonly probe: boolean;
  readonly plan?: boolean;
}

/** An inventory as text, and passwords that plan needs although they are not in there. */
interface NewInventory {
  readonly text: string;
  readonly passwords: Passwords;
}

const USUAL_FILE = 'lab.yml';

/** `lvslab init`: from nothing to an inventory, by questions or by answers given beforehand. */
export async function init(given: string | undefined, flags: InitFlags): Promise<number> {
  let toPlan: Parameters<typeof plan>[0] | undefined;
  const exitCode = await withScreen(flags, async (screen) => {
    const file = given ?? USUAL_FILE;
    const { text, passwords } = await makeInventory(file, flags, screen);
    await tell(screen, `\n${renderLab(await labOf(text), { unicode: process.stdout.isTTY })}`);
    const target = await chooseTarget(file, { isFixed: given !== undefined, flags }, screen);
    const planNow = await wantsPlan(flags, screen);
    // After the last question: whoever leaves at one of them leaves no file behind.
    await writeInventory(target.file, text, target);
    await tell(screen, `Written: ${target.file}`);
    if (planNow) toPlan = { inventory: target.file, extraVars: [], passwords };
    else await tell(screen, `Next: \`lvslab plan -i ${quote(target.file)}\``);
    return EXIT.ok;
  });
  if (toPlan === undefined) return exitCode;
  const invocation = flags.invocation?.turnedTo('plan', toPlan.inventory);
  const planned = await plan({ ...toPlan, ...(invocation !== undefined && { invocation }) });
  // It is no failure of init that a new lab is not there yet.
  return planned === EXIT.changesPending ? EXIT.ok : planned;
}

async function makeInventory(
  file: string,
  flags: InitFlags,
  screen: Screen,
): Promise<NewInventory> {
  if (flags.embedded !== true) return await answeredInventory(file, flags, screen);
  if (!isTerminal() && flags.force !== true && (await exists(file))) throw alreadyThere(file);
  const [{ labInventory }, { labNamed, defaultLabName }] = await Promise.all([
    import('../../embedded/lab-inventory.ts'),
    import('../../embedded/embedded-lab.ts'),
  ]);
  return { text: await labInventory(labNamed(defaultLabName)), passwords: {} };
}

async function answeredInventory(
  file: string,
  flags: InitFlags,
  screen: Screen,
): Promise<NewInventory> {
  const beforehand = await givenAnswers(flags);
  const surroundings = {
    schedulers,
    ownAddresses: ownAddresses(),
    given: new Set(beforehand.keys()),
  };
  const { given, complete, wrong, missing } = completeAnswers(beforehand, surroundings);
  const isTaken = !isTerminal() && flags.force !== true && (await exists(file));
  const problems = [
    ...wrong,
    ...(isTerminal() ? [] : missing),
    ...(isTaken ? [`${file} is there already: give another file, or --force to replace it`] : []),
  ];
  if (problems.length > 0) throw unusable(problems);
  if (!isTerminal()) return { text: inventoryFrom(complete), passwords: {} };
  const passphrases: Passphrases = new Map();
  const answers = await interview(given, surroundings, {
    ask: async (question, problemOf) => await ask(question, problemOf, screen),
    tell: async (text) => {
      await tell(screen, text);
    },
    ...(flags.probe && { look: async (host) => await lookAtHost(host, passphrases, screen) }),
  });
  const login = secretOf(answers, 'login.password');
  const become = secretOf(answers, 'login.sudo_password');
  return {
    text: inventoryFrom(answers),
    passwords: {
      passphrases,
      ...(login !== undefined && { login }),
      ...(become !== undefined && { become }),
    },
  };
}

/** Options win over the file of answers, and both over ready answers. */
async function givenAnswers({ answer, answers, from }: InitFlags): Promise<GivenAnswers> {
  return new Map([
    ...(from === undefined ? [] : readyAnswers[from]),
    ...(answers === undefined ? [] : await answersIn(answers)),
    ...readAnswerOptions(answer),
  ]);
}

async function answersIn(file: string): Promise<GivenAnswers> {
  try {
    return await readAnswersFile(file);
  } catch (error) {
    // Its reader is that of inventories, which this is not.
    if (!(error instanceof InventoryError)) throw error;
    throw unusable(
      error.problems.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`),
    );
  }
}

function unusable(problems: readonly string[]): UsageError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new UsageError([`${count} with the answers`, ...problems].join('\n'), {
    hint: 'Give answers with --answer NAME=VALUE or --answers FILE; docs/getting-started.md lists them all. At a terminal, what is missing is asked for.',
  });
}

/** Where to write it: asks until the file is a new one or may be replaced. */
async function chooseTarget(
  file: string,
  { isFixed, flags }: { readonly isFixed: boolean; readonly flags: InitFlags },
  screen: Screen,
): Promise<{ readonly file: string; readonly replace: boolean }> {
  const replace = flags.force === true;
  if (!isTerminal()) return { file, replace };
  const chosen = isFixed ? file : await askForFile(file, screen);
  if (replace || !(await exists(chosen))) return { file: chosen, replace };
  const message = `${chosen} is there already. Replace it?`;
  if (await askYesOrNo(message, screen)) return { file: chosen, replace: true };
  return await chooseTarget(file, { isFixed: false, flags }, screen);
}

async function askForFile(usual: string, screen: Screen): Promise<string> {
  const problemOf: ProblemOf = (given) =>
    given === '' ? 'A file is needed. Esc leaves without writing one.' : undefined;
  const question = { kind: 'input', message: 'File to write', default: usual } as const;
  return String(await ask(question, problemOf, screen));
}

async function wantsPlan({ plan: wanted }: InitFlags, screen: Screen): Promise<boolean> {
  if (wanted !== undefined || !isTerminal()) return wanted === true;
  return await askYesOrNo('Plan now? It logs in to the hosts and changes nothing', screen);
}

async function askYesOrNo(message: string, screen: Screen): Promise<boolean> {
  const question = { kind: 'confirm', message, default: false } as const;
  return (await ask(question, () => undefined, screen)) === true;
}

/** Asks at the terminal; Esc and Ctrl-C end the command, and nothing was written then. */
async function ask(prompt: Prompt, problemOf: ProblemOf, { signal }: Screen): Promise<unknown> {
  const { askAtTerminal } = await import('../../wizard/ask.ts');
  try {
    return await askAtTerminal(prompt, problemOf, signal);
  } catch (cause) {
    const isLeft =
      cause instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(cause.name);
    throw isLeft ? new CancelledError('left without an answer', { step: 'init' }) : cause;
  }
}

/** Tells something; when this resolves it stands there, before the next question. */
async function tell({ reporter }: Screen, text: string): Promise<void> {
  reporter.say(text);
  await setImmediate();
}

function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ family, internal, address }) =>
      family === 'IPv4' && !internal ? [address] : [],
    ),
  );
}
