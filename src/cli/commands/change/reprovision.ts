import { type HostPlan, type Plan } from '../../../engine/model/plan.ts';
import { closeSurvey, survey } from '../../../engine/apply/survey.ts';
import {
  planAfterTeardown,
  surveyTeardown,
  type TeardownOptions,
} from '../../../engine/apply/teardown.ts';
import { confirm } from '../../terminal/ask.ts';
import { makeEngineContext } from '../../session/engine-context.ts';
import { EXIT } from '../../exit-codes.ts';
import { type FlagGroups, type PlaybookFlag } from '../../flags.ts';
import { oneAfterTheOther } from '../../run-in-sequence.ts';
import {
  describeLab,
  everyHostOf,
  type PlayedLab,
  playLab,
  type ReachableHosts,
} from '../../session/hosts/open-lab.ts';
import { type Screen, withScreen } from '../../terminal/screen.ts';
import { applyLab } from './apply.ts';
import { hasChanges, planOf } from '../plan.ts';
import { tearDownHosts, type TeardownFlags, teardownOptions } from './teardown.ts';
import { verifyDescribed } from '../proof/verify.ts';

/** `lvslab reprovision`: teardown, apply and verify, with one plan and one question. */
export async function reprovision(
  flags: FlagGroups & PlaybookFlag & Omit<TeardownFlags, 'only'>,
): Promise<number> {
  return await withScreen(flags.output, async (screen) => {
    const described = await describeLab(flags, screen);
    const hosts = everyHostOf(described, flags.inventory, screen);
    const played = await playLab(described, flags, screen);
    const { keepPackages, overwrite, change } = flags;
    const what = teardownOptions({ keepPackages, overwrite });
    const plan = await wholePlan(hosts, { played, screen, what });
    await screen.reporter.plan(plan);
    if (plan.failures.length > 0) return EXIT.failed;
    if (plan.hosts.some(({ kept = [] }) => kept.length > 0)) {
      screen.reporter.say('Nothing was changed: decide first what is to become of what is kept.');
      return EXIT.failed;
    }
    if (hasChanges(plan) && change.yes !== true) {
      const question = 'Undo all of this and make it again?';
      if (!(await confirm(question, screen.signal))) {
        screen.reporter.say('Nothing was changed.');
        return EXIT.ok;
      }
    }
    const { kinds = [] } = played.playbook;
    const agreed = { change, ask: false, show: false };
    return await oneAfterTheOther([
      () => tearDownHosts(hosts, screen, { ...agreed, what, kinds }),
      () => applyLab(played, screen, agreed),
      () => verifyDescribed(played, screen, { requests: 300, restart: true }),
    ]);
  });
}

/** What is undone, and what will have to be made once that is done. */
async function wholePlan(
  hosts: ReachableHosts,
  {
    played,
    screen,
    what,
  }: {
    readonly played: PlayedLab;
    readonly screen: Screen;
    readonly what: TeardownOptions;
  },
): Promise<Plan> {
  const context = await makeEngineContext(screen, played.playbook.kinds);
  const back = await surveyTeardown(hosts, what, context);
  // The journals are read twice, but no host is kept connected while the other survey runs.
  await closeSurvey(back.survey);
  const forth = await survey(
    played.hosts,
    { playbook: played.playbook, orphans: 'adopt' },
    context,
  );
  await closeSurvey(forth);
  const undone = planOf(back.survey);
  const made = planAfterTeardown(forth, back);
  const names = [...new Set([...undone.hosts, ...made].map(({ host }) => host))];
  return {
    hosts: names.map((name) => joined(name, [undone.hosts, made])),
    failures: [...undone.failures, ...forth.failures].filter(
      ({ host }, i, all) => all.findIndex((failure) => failure.host === host) === i,
    ),
  };
}

function joined(host: string, plans: readonly (readonly HostPlan[])[]): HostPlan {
  const own = plans.flatMap((plan) => plan.filter((part) => part.host === host));
  return {
    host,
    plays: own.flatMap(({ plays }) => plays),
    notices: own.flatMap(({ notices }) => notices),
    kept: own.flatMap(({ kept = [] }) => kept),
  };
}
