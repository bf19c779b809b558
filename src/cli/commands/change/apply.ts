import { survey } from '../../../engine/apply/survey.ts';
import { changeHosts, type Wording } from '../../session/change-hosts.ts';
import { changeOptions, makeEngineContext } from '../../session/engine-context.ts';
import { type ChangeFlags, type FlagGroups, type PlaybookFlag } from '../../flags.ts';
import { whileProbed } from '../../session/hosts/open-probe.ts';
import { inLab, type PlayedLab } from '../../session/hosts/open-lab.ts';
import { type Screen, withScreen } from '../../terminal/screen.ts';
import { hasChanges, planOf } from '../plan.ts';

/** `lvslab apply`: plan, ask, change, prove. */
export async function apply(
  flags: FlagGroups & PlaybookFlag & { readonly probe?: boolean },
): Promise<number> {
  // What plays of somebody's own have made, verify need not know.
  const next = flags.playbook === undefined ? 'Next: `lvslab verify`' : undefined;
  return await withScreen(flags.output, (screen) =>
    inLab(flags, screen, async (played) => {
      const work = (shown: Screen): Promise<number> =>
        applyLab(played, shown, {
          change: flags.change,
          ask: flags.change.yes !== true,
          ...(next !== undefined && { next }),
        });
      return flags.probe === true ? await whileProbed(played, screen, work) : await work(screen);
    }),
  );
}

/** Makes a lab's hosts as its playbook says; resolves to an exit status. */
export async function applyLab(
  { hosts, playbook }: PlayedLab,
  screen: Screen,
  {
    ask,
    show = true,
    next,
    change = {},
    words = {},
  }: {
    readonly change?: ChangeFlags;
    readonly ask: boolean;
    readonly show?: boolean;
    /** What a person does after it. */
    readonly next?: string;
    /** Other words for how it ended. */
    readonly words?: Partial<Pick<Wording, 'done' | 'notDone'>>;
  },
): Promise<number> {
  const context = await makeEngineContext(screen, playbook.kinds);
  const look = async () => {
    const surveyed = await survey(hosts, { playbook, orphans: 'adopt' }, context);
    const plan = planOf(surveyed);
    return { survey: surveyed, playbook, plan, isNeeded: hasChanges(plan) };
  };
  return await changeHosts(look, {
    screen,
    context,
    options: changeOptions(change),
    ask,
    show,
    wording: { ...wording, ...words, ...(next !== undefined && { next }) },
  });
}

const wording = {
  question: 'Make these changes?',
  done: 'Applied and proved.',
  notDone: 'Not all of it was applied. Fix the cause, then run the command again.',
};
