import { countSteps, type Plan } from '../../engine/model/plan.ts';
import { closeSurvey, survey, type Survey } from '../../engine/apply/survey.ts';
import { makeEngineContext } from '../session/engine-context.ts';
import { EXIT } from '../exit-codes.ts';
import { type FlagGroups, type LabFlags, type PlaybookFlag } from '../flags.ts';
import { inLab, type PlayedLab } from '../session/hosts/open-lab.ts';
import { tellBroken } from '../session/broken-lab.ts';
import { type Screen, withScreen } from '../terminal/screen.ts';

/** `lvslab plan`: shows what apply would change, and changes nothing. */
export async function plan(
  flags: LabFlags & Pick<FlagGroups, 'output'> & PlaybookFlag,
): Promise<number> {
  return await withScreen(flags.output, (screen) =>
    inLab(flags, screen, (played) => planLab(played, screen)),
  );
}

async function planLab({ hosts, playbook }: PlayedLab, screen: Screen): Promise<number> {
  const context = await makeEngineContext(screen, playbook.kinds);
  const surveyed = await survey(hosts, { playbook, orphans: 'report' }, context);
  try {
    const found = planOf(surveyed);
    await screen.reporter.plan(found);
    tellBroken(surveyed, screen);
    if (found.failures.length > 0) return EXIT.failed;
    return hasChanges(found) ? EXIT.changesPending : EXIT.ok;
  } finally {
    await closeSurvey(surveyed);
  }
}

/** What is planned for the hosts that may be changed, and what failed. */
export function planOf({ hosts, failures }: Survey): Plan {
  return { hosts: hosts.filter(({ readOnly }) => !readOnly).map((host) => host.plan), failures };
}

/** Whether anything on any host would change. */
export function hasChanges({ hosts }: Plan): boolean {
  return hosts.some((host) => countSteps(host) > 0);
}
