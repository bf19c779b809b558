import { apply, type ApplyResult } from '../../engine/apply/apply.ts';
import { type ChangeOptions } from '../../engine/apply/change-session.ts';
import { type EngineContext } from '../../engine/model/engine-context.ts';
import { StalePlanError } from '../../engine/model/failures/errors.ts';
import { type HostPlan, type Plan } from '../../engine/model/plan.ts';
import { type Playbook } from '../../engine/model/play.ts';
import { closeSurvey, type Survey } from '../../engine/apply/survey.ts';
import { type Table } from '../../reporters/render/render-table.ts';
import { confirm } from '../terminal/ask.ts';
import { EXIT } from '../exit-codes.ts';
import { type Screen } from '../terminal/screen.ts';

/** What a command finds out before it changes anything, and how it speaks of it. */
export interface PlannedChange {
  readonly survey: Survey;
  readonly playbook: Playbook<never>;
  readonly plan: Plan;
  /** Whether anything would be done at all. */
  readonly isNeeded: boolean;
}

/** The words of a command. */
export interface Wording {
  readonly question: string;
  readonly done: string;
  readonly notDone: string;
  /** What a person does after it. */
  readonly next?: string;
}

/** The words for what was stopped on request: nothing has to be fixed. */
const STOPPED = {
  done: 'Stopped as you asked, but all of it was done and proved.',
  notDone: 'Stopped as you asked. Run the command again to go on.',
};

/** A host whose journal is another one at every look would be planned for ever. */
const MOST_PLANS = 3;

/**
 * Surveys, shows the plan, asks, changes and proves; resolves to an exit status. A plan that another run has overtaken
 * is made again, and shown again.
 */
export async function changeHosts(
  look: () => Promise<PlannedChange>,
  {
    screen,
    context,
    options,
    ask,
    show,
    wording,
  }: {
    readonly screen: Screen;
    readonly context: EngineContext;
    readonly options: ChangeOptions;
    readonly ask: boolean;
    readonly show: boolean;
    readonly wording: Wording;
  },
): Promise<number> {
  for (let plans = 1; ; plans++) {
    const undertaking = await look();
    try {
      const { plan, survey, playbook, isNeeded } = undertaking;
      if (show) await screen.reporter.plan(plan);
      if (!isNeeded) return isWhole(plan) ? sayNext(screen, wording) : EXIT.failed;
      if (ask && !(await confirm(wording.question, screen.signal))) {
        screen.reporter.say('Nothing was changed.');
        return EXIT.ok;
      }
      const result = await apply({ survey, playbook }, options, context);
      return await tellResult(result, { plan, screen, wording });
    } catch (error) {
      if (!mayPlanAgain(error, plans)) throw error;
      screen.reporter.say(`${error.host ?? ''}: ${error.message}; here is the new one.`);
    } finally {
      await closeSurvey(undertaking.survey);
    }
  }
}

/** Shows what came of it, and what comes next; resolves to an exit status. */
async function tellResult(
  result: ApplyResult,
  {
    plan,
    screen: { reporter, signal },
    wording,
  }: { readonly plan: Plan; readonly screen: Screen; readonly wording: Wording },
): Promise<number> {
  const isStopped = signal.aborted;
  await reporter.table(summaryOf(result, plan, isStopped ? STOPPED : wording));
  if (isStopped) return EXIT.interrupted;
  const { failures, skipped } = result;
  if (failures.length > 0 || skipped.length > 0 || !isWhole(plan)) return EXIT.failed;
  return sayNext({ reporter }, wording);
}

function sayNext({ reporter }: Pick<Screen, 'reporter'>, { next }: Wording): number {
  if (next !== undefined) reporter.say(next);
  return EXIT.ok;
}

function mayPlanAgain(error: unknown, plans: number): error is StalePlanError {
  return error instanceof StalePlanError && plans < MOST_PLANS;
}

/** Whether the plan is all that can be: every host could be read, and nothing is kept as it is. */
function isWhole({ hosts, failures }: Plan): boolean {
  return failures.length === 0 && hosts.every(({ kept = [] }) => kept.length === 0);
}

function summaryOf(
  result: ApplyResult,
  plan: Plan,
  { done, notDone }: Pick<Wording, 'done' | 'notDone'>,
): Table {
  const names = [
    ...new Set([...plan.hosts.map(({ host }) => host), ...result.failures.map(({ host }) => host)]),
  ];
  const isDone = result.proved.length === names.length && isWhole(plan);
  return {
    columns: ['host', 'changed', 'result'],
    rows: names.map((host) => [
      host,
      result.changed.get(host)?.length ?? 0,
      resultOf(
        host,
        result,
        plan.hosts.find((planned) => planned.host === host),
      ),
    ]),
    verdict: isDone ? { judgement: 'ok', text: done } : { judgement: 'failed', text: notDone },
  };
}

function resultOf(
  host: string,
  { proved, failures, skipped }: ApplyResult,
  plan: HostPlan | undefined,
): Table['rows'][number][number] {
  const kept = plan?.kept?.length ?? 0;
  if (proved.includes(host)) {
    return kept === 0
      ? { judgement: 'ok', text: 'proved: nothing left to change' }
      : { judgement: 'skipped', text: `proved, but ${kept} kept as they are` };
  }
  const failure = failures.find((failed) => failed.host === host);
  const skips = skipped.filter((skip) => skip.host === host);
  return {
    judgement: failure === undefined ? 'skipped' : 'failed',
    text:
      failure?.error.message.split('\n')[0] ??
      skips.map(({ play, reason }) => `'${play}' skipped: ${reason}`).join('; '),
  };
}
