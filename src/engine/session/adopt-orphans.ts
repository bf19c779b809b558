import { throwIfCancelled } from '../model/failures/cancellation.ts';
import { ObserveError } from '../model/failures/errors.ts';
import { clearJobs, describeTakeover, parseLockAnswer } from '../detached/host-lock.ts';
import { type RenewableConnection } from '../host/renewable-connection.ts';
import {
  type FoundJob,
  type HostJobs,
  summaryOf,
  orphanedJobs,
} from '../detached/orphaned-jobs.ts';
import { type JobSummary } from '../model/events.ts';
import { type Journal } from '../journal/journal.ts';
import { printJournalLine } from '../journal/journal-line.ts';
import { appendToJournal } from '../journal/journal-script.ts';
import { soundJournal } from '../journal/journal-trust.ts';
import { type HostProbe, probeHost } from './probe-host.ts';
import { type ReadingContext, type ReadingPart } from '../host/observe.ts';
import { evenWhenStopping, runShort } from '../host/reading.ts';
import { withReconnects } from './reconnect.ts';
import { undoResource } from '../journal/plan-undo.ts';
import { JobFollower } from '../detached/job-follower.ts';
import { followJob } from './run-play.ts';
import { jobsFolder } from '../detached/job-script.ts';
import { type Script, sh } from '../model/shell/script.ts';
import { type StatePaths } from '../host/state-paths.ts';
import { stepFailure } from '../host/step-failure.ts';
import { type EngineContext } from '../model/engine-context.ts';

/** What becomes of orphaned jobs: a survey that leads to changes adopts them. */
export type OrphanPolicy = 'report' | 'adopt';

interface ProbedHost {
  readonly name: string;
  readonly readOnly: boolean;
  readonly facts: Script;
  readonly paths: StatePaths;
  readonly connection: RenewableConnection;
  /** What else is read in the same session. */
  readonly ahead?: readonly ReadingPart[];
}

/**
 * Reads a host's facts and its journal. A job whose lvslab is gone is followed to its end before, told and forgotten,
 * where the survey leads to changes: what has to be done is planned from what that job has left.
 * @throws ObserveError, TimeoutError; CancelledError when the person has asked to stop, once the step that was running is
 * done.
 */
export async function probeIdleHost(
  host: ProbedHost,
  orphans: OrphanPolicy,
  context: EngineContext,
): Promise<HostProbe> {
  const { signal } = context;
  const isToBeAdopted = orphans === 'adopt' && !host.readOnly;
  let reading: ReadingContext = context;
  const followed = new Set<string>();
  let hasNoted = false;
  for (;;) {
    const found = await probeHost(host.connection, host, reading);
    const { makeFromSpec } = context;
    const journal = soundJournal(found.journal, (entry) => undoResource(entry, makeFromSpec));
    const { jobs } = found;
    tell(host, isToBeAdopted ? orphanedJobs(jobs) : worthTelling(jobs), { jobs, context });
    if (!isToBeAdopted) return { ...found, journal };
    const running = orphanedJobs(jobs).find((job) => job.isRunning);
    if (running !== undefined && followed.has(nameOf(running))) throw livesAgain(host, running);
    if (running === undefined) {
      const isNoted = await clear(host, { jobs, journal }, context);
      throwIfCancelled(signal, { host: host.name, step: 'jobs' });
      // The journal says more now than what was read of it; once is enough, whatever the host does.
      if (!isNoted || hasNoted) return { ...found, journal };
      hasNoted = true;
      continue;
    }
    followed.add(nameOf(running));
    await adopt(host, { job: running, boot: jobs.boot }, context);
    // Also after a request to stop: how that job has ended is told.
    reading = evenWhenStopping(context);
  }
}

function nameOf({ invocation, number }: FoundJob): string {
  return `${invocation}.${number}`;
}

function livesAgain({ name, paths }: ProbedHost, job: FoundJob): ObserveError {
  return new ObserveError(
    `the job '${job.about.play}' was followed to its end, and goes on all the same`,
    {
      host: name,
      step: 'jobs',
      hint: `Look on the host at what \`${sh`ls -l ${jobsFolder(paths)}`.text}\` says; nothing was changed there.`,
    },
  );
}

/** Of somebody who is at work, only what goes on now. */
function worthTelling(jobs: HostJobs): readonly FoundJob[] {
  const left = orphanedJobs(jobs);
  return jobs.jobs.filter((job) => job.isRunning || left.includes(job));
}

function tell(
  { name }: ProbedHost,
  found: readonly FoundJob[],
  { jobs, context }: { readonly jobs: HostJobs; readonly context: EngineContext },
): void {
  const left = orphanedJobs(jobs);
  for (const job of found) {
    const summary = summaryOf(job, context.explainFailure);
    tellOf(name, job, { summary, isOrphaned: left.includes(job), context });
  }
}

function tellOf(
  host: string,
  { about }: FoundJob,
  {
    summary,
    isOrphaned,
    context: { emit },
  }: {
    readonly summary: JobSummary;
    readonly isOrphaned: boolean;
    readonly context: EngineContext;
  },
): void {
  const { play, owner, controller, since, steps } = about;
  emit({
    type: 'job-found',
    host,
    play,
    owner,
    controller,
    since,
    isOrphaned,
    total: steps.length,
    ...summary,
  });
}

/** Follows a job that nobody follows any more; a lost connection is made again, and an interruption passed on. */
async function adopt(
  { name, connection, paths }: ProbedHost,
  { job, boot }: { readonly job: FoundJob; readonly boot: string },
  context: EngineContext,
): Promise<void> {
  const { about, invocation, number } = job;
  const follower = JobFollower.of(
    {
      host: name,
      play: about.play,
      steps: about.steps,
      commands: [],
      // Whoever could confirm the change is gone: the host rolls it back by itself, and it is planned again.
      onConfirm: () => undefined,
    },
    { ...job, ...context },
  );
  const found = { paths, invocation, number };
  const { signal } = context;
  const work = (): Promise<void> => followJob({ connection, job: found, follower, signal });
  await withReconnects({ connection, paths, boot }, { work }, context);
  if (follower.status.end !== 'gone') return;
  const summary: JobSummary = {
    ...summaryOf(job, context.explainFailure),
    state: 'rebooted',
  };
  tellOf(name, job, { summary, isOrphaned: true, context });
}

/**
 * Removes what jobs have left that are over, and the lock of a holder that is gone. What they have made is noted down in the
 * journal before; resolves to whether anything was.
 */
async function clear(
  { connection, paths }: ProbedHost,
  { jobs, journal }: { readonly jobs: HostJobs; readonly journal: Journal },
  context: EngineContext,
): Promise<boolean> {
  const { emit, random, clock, identity } = context;
  const orphans = orphanedJobs(jobs);
  const invocations = new Set(orphans.map(({ invocation }) => invocation));
  if (jobs.isHolderConnected || (jobs.holder === undefined && invocations.size === 0)) return false;
  const invocation = random();
  const time = clock.date().toISOString();
  const ids = orphans.flatMap((job) => madeBy(job, journal));
  const line = printJournalLine({ type: 'finished', ids, run: invocation, time });
  const script = clearJobs({
    ...{ paths, holder: { ...identity, invocation, since: time } },
    noted: ids.length === 0 ? sh`:` : appendToJournal(paths, [line]),
    invocations: [...invocations],
  });
  const result = await runShort(connection, script, context);
  const { host } = connection;
  if (result.exitCode !== 0) {
    throw stepFailure({
      host,
      step: 'lock',
      exitCode: result.exitCode ?? 1,
      output: result.stderr,
    });
  }
  const answer = parseLockAnswer(result.stdout);
  if (answer?.type !== 'taken') return false;
  if (answer.tookOver !== undefined) {
    emit({ type: 'notice', host, text: describeTakeover(answer.tookOver) });
  }
  return ids.length > 0;
}

/** Ids of what a job has made, as far as the journal doesn't know it. A job that undoes is of another play. */
function madeBy({ about, events }: FoundJob, { entries }: Journal): readonly string[] {
  const finished = new Set(
    events.flatMap((event) =>
      event.type === 'end' && event.exitCode === 0 ? [about.steps[event.step]] : [],
    ),
  );
  return entries
    .filter(
      ({ id, unmade, play }) => unmade === true && play.name === about.play && finished.has(id),
    )
    .map(({ id }) => id);
}
