import { releasesOf } from '../../engine/apply.ts';
import { countSteps } from '../../engine/plan.ts';
import { surveyTeardown, type Teardown, type TeardownOptions } from '../../engine/teardown.ts';
import { changeHosts } from '../change-hosts.ts';
import { engineSurroundings } from '../engine-surroundings.ts';
import { type ChangeFlags, type LabFlags, type OutputFlags } from '../flags.ts';
import { openEveryHost, type ReachableHosts } from '../open-lab.ts';
import { type Screen, withScreen } from '../screen.ts';
import { planOf } from './plan.ts';

/** What `lvslab teardown` takes beside the hosts. */
export interface TeardownFlags {
  readonly only?: readonly string[];
  readonly keepPackages?: boolean;
  readonly overwrite?: boolean;
}

/** `lvslab teardown`: takes back what lvslab did, and proves it. */
export async function teardown(
  flags: Omit<LabFlags, 'playbook'> & OutputFlags & ChangeFlags & TeardownFlags,
): Promise<number> {
  return await withScreen(flags, async (screen) => {
    const hosts = await openEveryHost(flags, screen);
    return await tearDownHosts(hosts, screen, { ...flags, ask: flags.yes !== true });
  });
}

/** The flags of a teardown as the engine wants them. */
export function teardownOptions({ only, keepPackages, overwrite }: TeardownFlags): TeardownOptions {
  return {
    only: only ?? [],
    keepShared: keepPackages === true,
    overwrite: overwrite === true,
  };
}

/** Takes hosts back to what they were; resolves to an exit status. */
export async function tearDownHosts(
  hosts: ReachableHosts,
  screen: Screen,
  {
    ask,
    show = true,
    wait,
    ...flags
  }: TeardownFlags & { readonly ask: boolean; readonly show?: boolean; readonly wait?: number },
): Promise<number> {
  const surroundings = await engineSurroundings(screen, wait === undefined ? {} : { wait });
  const look = async () => {
    const { survey, playbook } = await surveyTeardown(hosts, teardownOptions(flags), surroundings);
    return { survey, playbook, plan: planOf(survey), isNeeded: hasSomethingToTakeBack(survey) };
  };
  return await changeHosts(look, { screen, surroundings, ask, show, wording });
}

/** Whether a teardown has anything to do, even if it is only to remove the journals. */
export function hasSomethingToTakeBack({ hosts }: Teardown['survey']): boolean {
  return hosts.some(
    (host) => !host.readOnly && (countSteps(host.plan) > 0 || releasesOf(host).length > 0),
  );
}

const wording = {
  question: 'Take this back, and forget what was before?',
  done: 'Taken back and proved.',
  notDone: 'Not all of it was taken back. Run the command again once the cause is mended.',
};
