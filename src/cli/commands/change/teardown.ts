import { releasesOf } from '../../../engine/apply/close-host.ts';
import { countSteps } from '../../../engine/model/plan.ts';
import { type ResourceKind } from '../../../engine/model/resource-kind.ts';
import {
  surveyTeardown,
  type Teardown,
  type TeardownOptions,
} from '../../../engine/apply/teardown.ts';
import { changeHosts, type Wording } from '../../session/change-hosts.ts';
import { changeOptions, makeEngineContext } from '../../session/engine-context.ts';
import { type ChangeFlags, type FlagGroups } from '../../flags.ts';
import {
  detailsOf,
  describeLab,
  everyHostOf,
  openPlaybook,
  type ReachableHosts,
} from '../../session/hosts/open-lab.ts';
import { whileProbed } from '../../session/hosts/open-probe.ts';
import { type Screen, withScreen } from '../../terminal/screen.ts';
import { planOf } from '../plan.ts';

/** What `lvslab teardown` takes beside the hosts. */
export interface TeardownFlags {
  readonly only?: readonly string[] | undefined;
  readonly keepPackages?: boolean | undefined;
  readonly overwrite?: boolean | undefined;
}

/** `lvslab teardown`: undoes what lvslab did, and proves it. */
export async function teardown(
  flags: FlagGroups &
    TeardownFlags & {
      /** Those whose own kinds of resources are to be undone. */
      readonly playbook: readonly string[];
      readonly probe?: boolean;
    },
): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const { change, only, keepPackages, overwrite } = flags;
    const described = await describeLab(flags, screen);
    const tell = detailsOf(flags.output, screen);
    const kinds: ResourceKind[] = [];
    // One after the other: what two of them import is loaded once.
    for (const file of flags.playbook)
      kinds.push(...((await openPlaybook(file, tell)).kinds ?? []));
    const what = teardownOptions({ only, keepPackages, overwrite });
    const work = (shown: Screen): Promise<number> => {
      const hosts = everyHostOf(described, flags.inventory, shown);
      return tearDownHosts(hosts, shown, { what, change, kinds, ask: change.yes !== true });
    };
    return flags.probe === true ? await whileProbed(described, screen, work) : await work(screen);
  });
}

/** The flags of a teardown as the engine wants them. */
export function teardownOptions({ only, keepPackages, overwrite }: TeardownFlags): TeardownOptions {
  return {
    only: only ?? [],
    keepShared: keepPackages === true,
    overwrite: overwrite === true,
    orphans: 'adopt',
  };
}

/** Undoes what lvslab did on hosts; resolves to an exit status. */
export async function tearDownHosts(
  hosts: ReachableHosts,
  screen: Screen,
  {
    ask,
    show = true,
    kinds,
    what,
    change,
    words = {},
  }: {
    readonly what: TeardownOptions;
    readonly change: ChangeFlags;
    readonly ask: boolean;
    readonly show?: boolean;
    readonly kinds: readonly ResourceKind[];
    /** Other words for how it ended. */
    readonly words?: Partial<Pick<Wording, 'done' | 'notDone'>>;
  },
): Promise<number> {
  const context = await makeEngineContext(screen, kinds);
  const options = changeOptions(change);
  const look = async () => {
    const { survey, playbook } = await surveyTeardown(hosts, what, context);
    return { survey, playbook, plan: planOf(survey), isNeeded: hasSomethingToUndo(survey) };
  };
  return await changeHosts(look, {
    ...{ screen, context, options, ask, show },
    wording: { ...wording, ...words },
  });
}

/** Whether a teardown has anything to do, even if it is only to remove the journals. */
export function hasSomethingToUndo({ hosts }: Teardown['survey']): boolean {
  return hosts.some(
    (host) => !host.readOnly && (countSteps(host.plan) > 0 || releasesOf(host).length > 0),
  );
}

const wording = {
  question: 'Undo this, and forget what was before?',
  done: 'Undone and proved.',
  notDone: 'Not all of it was undone. Fix the cause, then run the command again.',
};
