import { apply as applyPlan, type ApplyResult } from '../../engine/apply.ts';
import { closeSurvey, survey, type Survey } from '../../engine/survey.ts';
import { type Table } from '../../reporters/render-table.ts';
import { confirm } from '../ask.ts';
import { EXIT } from '../exit-codes.ts';
import { type LabFlags, type OutputFlags } from '../flags.ts';
import { openLab, type PlayedLab } from '../open-lab.ts';
import { type Screen, withScreen } from '../screen.ts';
import { hasChanges, planOf } from './plan.ts';

/** `lvslab apply`: plan, ask, change, prove. */
export async function apply(
  flags: LabFlags & OutputFlags & { readonly yes?: boolean },
): Promise<number> {
  return await withScreen(flags, async (screen) => {
    const played = await openLab(flags, screen);
    return await applyLab(played, screen, { ask: flags.yes !== true });
  });
}

/** Makes a lab's hosts as its playbook says; resolves to an exit status. */
export async function applyLab(
  { hosts, playbook }: PlayedLab,
  screen: Screen,
  { ask }: { readonly ask: boolean },
): Promise<number> {
  const surveyed = await survey(hosts, playbook, screen.surroundings);
  try {
    const plan = planOf(surveyed);
    await screen.reporter.plan(plan);
    if (!hasChanges(plan)) return plan.failures.length > 0 ? EXIT.failed : EXIT.ok;
    if (ask && !(await confirm('Make these changes?', screen.signal))) {
      screen.reporter.say('Nothing was changed.');
      return EXIT.ok;
    }
    const result = await applyPlan(surveyed, playbook, screen.surroundings);
    await screen.reporter.table(summaryOf(result, surveyed));
    return exitStatusOf(result, screen.signal);
  } finally {
    await closeSurvey(surveyed);
  }
}

function exitStatusOf({ failures, skipped }: ApplyResult, signal: AbortSignal): number {
  if (signal.aborted) return EXIT.interrupted;
  return failures.length > 0 || skipped.length > 0 ? EXIT.failed : EXIT.ok;
}

function summaryOf(result: ApplyResult, { hosts }: Survey): Table {
  const { proved, failures, skipped, changed } = result;
  const names = new Set([
    ...hosts.filter(({ readOnly }) => !readOnly).map(({ name }) => name),
    ...failures.map(({ host }) => host),
  ]);
  const rows = [...names].map((host) => {
    const failure = failures.find((failed) => failed.host === host);
    const skips = skipped.filter((skip) => skip.host === host);
    return [
      host,
      changed.get(host)?.length ?? 0,
      proved.includes(host)
        ? ({ judgement: 'ok', text: 'proved: nothing left to change' } as const)
        : ({
            judgement: failure === undefined ? 'skipped' : 'failed',
            text:
              failure?.error.message ??
              skips.map(({ play, reason }) => `'${play}' skipped: ${reason}`).join('; '),
          } as const),
    ];
  });
  const isWhole = proved.length === names.size;
  return {
    columns: ['host', 'changed', 'result'],
    rows,
    verdict: isWhole
      ? { judgement: 'ok', text: 'Applied and proved.' }
      : {
          judgement: 'failed',
          text: 'Not all of it was applied. Run the command again once the cause is mended.',
        },
  };
}
