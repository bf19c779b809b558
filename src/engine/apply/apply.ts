import { type ChangeOptions, type LockedHost, openChanges } from './change-session.ts';
import { closeHost, releasesOf } from './close-host.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { CancelledError, type LvslabError, ProofError } from '../model/failures/errors.ts';
import { HostProgress } from './host-progress.ts';
import { countSteps, type HostFailure, type PlannedPlay } from '../model/plan.ts';
import { type Playbook } from '../model/play.ts';
import { type PlayEnd, PlaySchedule } from './play-schedule.ts';
import { withReconnects } from '../session/reconnect.ts';
import { deliverProducts } from '../session/deliver-products.ts';
import { type PlayOutcome, runPlay } from '../session/run-play.ts';
import { type Survey, surveyAgain, type SurveyedHost } from './survey.ts';

/** A play that did not run on a host because something that it depends on had failed. */
interface SkippedPlay {
  readonly host: string;
  readonly play: string;
  readonly reason: string;
}

/** How an apply ended. */
export interface ApplyResult {
  /** Hosts that were read again after their changes and have nothing left to change. */
  readonly proved: readonly string[];
  readonly failures: readonly HostFailure[];
  readonly skipped: readonly SkippedPlay[];
  /** Ids of the resources that were changed, by host. */
  readonly changed: ReadonlyMap<string, readonly string[]>;
}

/**
 * Carries a survey's plan out and proves it: plays side by side unless they depend on each other, hosts in parallel.
 * A failure stops its host and the plays that depend on it, and nothing else.
 * @throws LockedError, StalePlanError, CancelledError before anything was changed.
 */
export async function apply<Context>(
  { survey, playbook }: { readonly survey: Survey; readonly playbook: Playbook<Context> },
  { lockWaitMs, confirmSeconds }: ChangeOptions,
  context: EngineContext,
): Promise<ApplyResult> {
  const hosts = survey.hosts.filter(({ readOnly }) => !readOnly);
  const opened = await openChanges(hosts.filter(isToChange), { playbook, lockWaitMs }, context);
  const locked = new Map(opened.hosts.map((host) => [host.name, host]));
  const { emit } = context;
  const all = new Map(hosts.map((host) => [host.name, new HostProgress(host, emit)]));
  for (const { host, error } of opened.failures) all.get(host)?.fail(error);
  const skipped: SkippedPlay[] = [];
  const schedule = new PlaySchedule({
    survey,
    playbook,
    hasFailed: (host) => all.get(host)?.failure !== undefined,
    run: ({ name }, play) =>
      runOn(locked.get(name), { progress: all.get(name), play, confirmSeconds }, context),
    onSkip: (host, { play }, reason) => {
      const progress = all.get(host.name);
      if (progress !== undefined) progress.isIncomplete = true;
      skipped.push({ host: host.name, play, reason });
      emit({ type: 'play-skipped', host: host.name, play, reason });
    },
  });
  const proved = new Set<HostProgress>();
  try {
    await schedule.runAll(hosts);
    await Promise.all(
      [...all.values()].map(async (progress) => {
        if (await prove(progress, locked.get(progress.host.name), context)) proved.add(progress);
      }),
    );
  } finally {
    // Not before every play has ended on every host: a lock protects what still runs.
    await Promise.all(
      opened.hosts.flatMap((host) => {
        const progress = all.get(host.name);
        if (progress === undefined) return [];
        const { firsts } = opened;
        return [closeHost(host, { progress, firsts, isProved: proved.has(progress) }, context)];
      }),
    );
  }
  return {
    proved: [...all.values()]
      .filter((progress) => proved.has(progress) && progress.failure === undefined)
      .map(({ host }) => host.name),
    failures: [
      ...survey.failures.map(({ host, error }) => ({ host, error })),
      ...[...all.values()].flatMap(({ host, failure }) =>
        failure === undefined ? [] : [{ host: host.name, error: failure }],
      ),
    ],
    skipped,
    changed: new Map(
      [...all.values()].flatMap(({ host, changed }) =>
        changed === undefined ? [] : [[host.name, changed] as const],
      ),
    ),
  };
}

/** Whether anything will be written on the host, its journal included. */
function isToChange(host: SurveyedHost): boolean {
  return countSteps(host.plan) > 0 || releasesOf(host).length > 0;
}

async function runOn(
  host: LockedHost | undefined,
  {
    progress,
    play,
    confirmSeconds,
  }: Pick<ChangeOptions, 'confirmSeconds'> & {
    readonly progress: HostProgress | undefined;
    readonly play: PlannedPlay;
  },
  context: EngineContext,
): Promise<PlayEnd> {
  if (host === undefined || progress === undefined) {
    return { ok: false, reason: 'the host may not be changed' };
  }
  const { session } = host;
  const { emit } = progress;
  const done = await progress.attempt(async () => {
    const number = host.plan.plays.indexOf(play);
    let outcome: PlayOutcome;
    try {
      outcome = await runPlay(
        { session, play, number, partsApart: host.plan.plays.length, confirmSeconds },
        { ...context, emit },
      );
    } finally {
      // What was made is there, also where a later step has failed.
      const { finished } = progress;
      await deliverProducts(session.connection, { play, finished }, context);
    }
    progress.changed = [...(progress.changed ?? []), ...outcome.finished];
    if (outcome.stopped) throw stoppedError(host.name, play, outcome.finished.length);
    emit({ type: 'play-finished', host: host.name, play: play.play });
  });
  return done ? { ok: true } : { ok: false, reason: `'${play.play}' failed on ${host.name}` };
}

/** Resolves to whether the host is as planned: it was so before, or was read again. */
async function prove(
  progress: HostProgress,
  locked: LockedHost | undefined,
  context: EngineContext,
): Promise<boolean> {
  const { host, failure, changed, isIncomplete, emit } = progress;
  if (failure !== undefined) return false;
  if (changed === undefined) return countSteps(host.plan) === 0;
  if (isIncomplete) return false;
  emit({ type: 'proving', host: host.name });
  return await progress.attempt(async () => {
    const { session } = locked ?? host;
    const work = (): ReturnType<typeof surveyAgain> => surveyAgain(host, context);
    const { plan, observations } = await withReconnects(session, { work }, context);
    progress.afterwards = observations;
    emit({ type: 'proved', host: host.name, remaining: countSteps(plan) });
    for (const text of plan.notices.filter((known) => !host.plan.notices.includes(known))) {
      emit({ type: 'notice', host: host.name, text });
    }
    const remaining = plan.plays.flatMap(({ steps }) => steps.map(({ resource }) => resource.id));
    if (remaining.length > 0) throw unprovedError(host.name, remaining);
  });
}

function stoppedError(host: string, { play, steps }: PlannedPlay, finished: number): LvslabError {
  return new CancelledError(
    `stopped as asked after ${finished} of ${steps.length} steps of '${play}'`,
    { host, step: play, hint: 'Run the command again: it goes on where it stopped.' },
  );
}

function unprovedError(host: string, remaining: readonly string[]): LvslabError {
  return new ProofError(
    `after the change these are still not as they should be: ${remaining.join(', ')}`,
    { host, step: 'proof', hint: 'See what differs with `lvslab plan`.' },
  );
}
