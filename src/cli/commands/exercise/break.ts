import { randomInt } from 'node:crypto';
import { PlaybookError, UsageError } from '../../../engine/model/failures/errors.ts';
import { closeSurvey, survey, type Survey } from '../../../engine/apply/survey.ts';
import { modeNamed } from '../../../lab/modes/modes.ts';
import { type Fault, faultPlaybook, labOfFaults } from '../../../faults/fault.ts';
import {
  definePlay,
  definePlaybook,
  type LabPlaybook,
  type PlayContext,
} from '../../../playbook.ts';
import { isProvisioned } from '../../session/broken-lab.ts';
import { changeHosts } from '../../session/change-hosts.ts';
import { changeOptions, makeEngineContext } from '../../session/engine-context.ts';
import { EXIT } from '../../exit-codes.ts';
import { type FlagGroups, type OptionalInventoryFlags } from '../../flags.ts';
import { type DescribedLab, describeLab, playWith } from '../../session/hosts/open-lab.ts';
import { type Screen, withScreen } from '../../terminal/screen.ts';
import { hasChanges, planOf } from '../plan.ts';

/** What `lvslab break` takes beside the lab. */
export interface BreakFlags {
  readonly random?: boolean;
  readonly list?: boolean;
  /** Inventory name of a real server. */
  readonly on?: string;
}

/** `lvslab break`: makes a mistake on purpose, in a lab that lvslab has set up. */
export async function breakLab(
  id: string | undefined,
  given: Omit<FlagGroups, 'inventory'> &
    BreakFlags & { readonly inventory: OptionalInventoryFlags },
): Promise<number> {
  return await withScreen(given.output, async (screen) => {
    const { faults } = await import('../../../faults/faults.ts');
    const { inventory: file } = given.inventory;
    if (file === undefined) {
      checkListed(given);
      return await listAll(faults, screen);
    }
    const flags = { ...given, inventory: { ...given.inventory, inventory: file } };
    const described = await describeLab(flags, screen);
    const { mode } = labOfFaults(described.lab);
    const fitting = faults.filter(({ modes }) => modes.includes(mode.name));
    if (flags.list === true) {
      await screen.reporter.table({
        title: `What can be broken in a lab of ${mode.title}`,
        columns: ['fault', 'on', 'what will be wrong'],
        rows: fitting.map((fault) => [fault.id, fault.on, fault.title]),
      });
      return EXIT.ok;
    }
    const fault = chosen(id, flags, fitting);
    const playbook = playbookOf(fault, hostFor(fault, described, flags));
    return await makeFault({ described, playbook, flags, screen });
  });
}

/** Without a lab, there is only something to be listed. */
function checkListed({ list }: BreakFlags): void {
  if (list === true) return;
  throw new UsageError('which lab is to be broken is not said', {
    hint: 'Name its inventory: `lvslab … -i lab.yml`.',
  });
}

/** What can be broken in any lab, for whoever has named none. */
async function listAll(faults: readonly Fault[], { reporter }: Screen): Promise<number> {
  await reporter.table({
    title: 'What can be broken in a lab',
    columns: ['fault', 'in', 'on', 'what will be wrong'],
    rows: faults.map(({ id, modes, on, title }) => [
      id,
      modes.map((mode) => modeNamed(mode).title).join(', '),
      on,
      title,
    ]),
  });
  return EXIT.ok;
}

/** Plans the fault, asks, and makes it; one that is not to be told is not shown either. */
async function makeFault({
  described,
  playbook,
  flags,
  screen,
}: {
  readonly described: DescribedLab;
  readonly playbook: LabPlaybook;
  readonly flags: FlagGroups & BreakFlags;
  readonly screen: Screen;
}): Promise<number> {
  const isSecret = flags.random === true;
  const shown = isSecret ? withoutSteps(screen) : screen;
  const { hosts } = await playWith(
    described,
    playbook,
    { ...flags, inventory: { ...flags.inventory, limit: 'all' } },
    shown,
  );
  const context = await makeEngineContext(shown);
  const look = async () => {
    const surveyed = await survey(hosts, { playbook, orphans: 'adopt' }, context);
    try {
      checkProvisioned(surveyed);
    } catch (error) {
      await closeSurvey(surveyed);
      throw error;
    }
    const plan = planOf(surveyed);
    return { survey: surveyed, playbook, plan, isNeeded: hasChanges(plan) };
  };
  const status = await changeHosts(look, {
    screen: shown,
    context,
    options: changeOptions(flags.change),
    ask: flags.change.yes !== true,
    show: !isSecret,
    wording: {
      question: 'Break the lab in this way?',
      done: 'Broken, and seen to be.',
      notDone: 'It could not be broken in this way.',
    },
  });
  if (status === EXIT.ok) {
    screen.reporter.say(
      'Something is wrong with this lab now. Next: `lvslab diagnose`, or `lvslab hint`; `lvslab mend` undoes it.',
    );
  }
  return status;
}

/** The same screen, which tells failures and questions alone. */
function withoutSteps(screen: Screen): Screen {
  const { reporter, emit } = screen;
  return {
    ...screen,
    emit: (event) => {
      if (event.type === 'host-failed') emit(event);
    },
    reporter: {
      ...reporter,
      event: () => undefined,
      task: () => undefined,
      say: (text) => {
        reporter.say(text);
      },
      plan: async () => Promise.resolve(),
      table: async () => Promise.resolve(),
      diagnosis: async (report) => {
        await reporter.diagnosis(report);
      },
      ask: (question) => reporter.ask(question),
      stop: () => reporter.stop(),
    },
  };
}

/** What others have set up is not lvslab's to be broken. */
function checkProvisioned({ hosts, failures }: Survey): void {
  const [foreign] = hosts.filter(({ journal }) => !isProvisioned(journal.entries));
  if (foreign === undefined || failures.length > 0) return;
  throw new UsageError(`${foreign.name} was not set up by lvslab, so it is not broken either`, {
    host: foreign.name,
    hint: 'Set the lab up with `lvslab apply` first.',
  });
}

function chosen(id: string | undefined, { random }: BreakFlags, fitting: readonly Fault[]): Fault {
  if (random !== true) return named(id, fitting);
  if (id === undefined) return anyOf(fitting);
  throw new UsageError(`${id} is named, and --random takes any`, {
    hint: 'Leave one of them out.',
  });
}

function named(id: string | undefined, fitting: readonly Fault[]): Fault {
  const wanted = id?.toUpperCase();
  const found = fitting.find((fault) => fault.id === wanted);
  if (found !== undefined) return found;
  throw new UsageError(
    id === undefined
      ? 'which fault is not said'
      : `'${id}' is no fault that can be made in this lab`,
    {
      hint: `There are: ${fitting.map((fault) => fault.id).join(', ')}. \`lvslab break --list\` says what each is; --random takes any.`,
    },
  );
}

function anyOf(fitting: readonly Fault[]): Fault {
  const fault = fitting[randomInt(fitting.length)];
  if (fault === undefined)
    throw new PlaybookError('nothing can be broken in this lab', {
      hint: 'See `lvslab break --list`.',
    });
  return fault;
}

/** The host that a fault is made on. */
function hostFor(
  fault: Fault,
  { lab }: DescribedLab,
  { on, random }: Pick<BreakFlags, 'on' | 'random'>,
): string {
  const servers = lab.realServers.filter(({ weight }) => weight > 0).map(({ name }) => name);
  const candidates = fault.on === 'director' ? lab.directors.map(({ name }) => name) : servers;
  const any =
    random === true && candidates.length > 0
      ? candidates[randomInt(candidates.length)]
      : candidates[0];
  const host = on ?? any;
  if (host !== undefined && candidates.includes(host)) return host;
  throw new UsageError(
    `${fault.id} is made on ${fault.on === 'director' ? 'the director' : 'a real server'}, and '${host ?? ''}' is none`,
    {
      hint: `Give one of these with --on, or leave it out: ${candidates.join(', ')}.`,
    },
  );
}

/** The fault as a playbook of one play, under whose name it stands in the journal. */
function playbookOf(fault: Fault, host: string): LabPlaybook {
  const name = faultPlaybook(fault.id);
  const resources = (context: PlayContext) =>
    fault.resources({ ...context, lab: labOfFaults(context.lab) });
  return definePlaybook({ name, plays: [definePlay({ name, hosts: host, resources })] });
}
