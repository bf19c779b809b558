import { survey } from '../../engine/survey.ts';
import { changeHosts } from '../change-hosts.ts';
import { engineSurroundings, surroundingsOf } from '../engine-surroundings.ts';
import { type ChangeFlags, type LabFlags, type OutputFlags } from '../flags.ts';
import { openLab, type PlayedLab } from '../open-lab.ts';
import { type Screen, withScreen } from '../screen.ts';
import { hasChanges, planOf } from './plan.ts';

/** `lvslab apply`: plan, ask, change, prove. */
export async function apply(flags: LabFlags & OutputFlags & ChangeFlags): Promise<number> {
  return await withScreen(flags, async (screen) => {
    const played = await openLab(flags, screen);
    return await applyLab(played, screen, { ...flags, ask: flags.yes !== true });
  });
}

/** Makes a lab's hosts as its playbook says; resolves to an exit status. */
export async function applyLab(
  { hosts, playbook }: PlayedLab,
  screen: Screen,
  {
    ask,
    show = true,
    ...flags
  }: Pick<ChangeFlags, 'wait' | 'confirmWithin'> & {
    readonly ask: boolean;
    readonly show?: boolean;
  },
): Promise<number> {
  const surroundings = await engineSurroundings(screen, {
    ...surroundingsOf(playbook, flags),
    leftRuns: 'pick up',
  });
  const look = async () => {
    const surveyed = await survey(hosts, playbook, surroundings);
    const plan = planOf(surveyed);
    return { survey: surveyed, playbook, plan, isNeeded: hasChanges(plan) };
  };
  return await changeHosts(look, { screen, surroundings, ask, show, wording });
}

const wording = {
  question: 'Make these changes?',
  done: 'Applied and proved.',
  notDone: 'Not all of it was applied. Run the command again once the cause is mended.',
};
