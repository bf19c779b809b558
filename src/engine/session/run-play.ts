import { type Connection, type RunResult } from '../model/connection.ts';
import { ConnectionLostError, LvslabError, JobCutOffError } from '../model/failures/errors.ts';
import { Confirmations } from '../rollback/confirm-changes.ts';
import { commitConfirmedStep, isChangeOf } from '../rollback/commit-confirmed.ts';
import { confirmWindowSeconds, readingLimitMs } from '../host/limits.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { type PlannedPlay, type PlannedStep } from '../model/plan.ts';
import { evenWhenStopping, runShort } from '../host/reading.ts';
import { type LockedSession } from './host-session.ts';
import { withReconnects } from './reconnect.ts';
import { JobFollower } from '../detached/job-follower.ts';
import { rolledBackError, unseenEndError } from '../rollback/rolled-back-error.ts';
import { askToStop, follow, type Job, jobFolder, startAndFollow } from '../detached/job-script.ts';
import { type Script } from '../model/shell/script.ts';
import { stepFailure } from '../host/step-failure.ts';

/** How far a play got on a host; what isn't finished after an interruption was not begun. */
export interface PlayOutcome {
  /** Ids of the resources that were converged. */
  readonly finished: readonly string[];
  /** The person asked to stop before the play was through. */
  readonly stopped: boolean;
}

interface PlayToRun {
  readonly session: LockedSession;
  readonly play: PlannedPlay;
  /** Tells the plays of one host apart, and the parts of one: they are this many apart. */
  readonly number: number;
  readonly partsApart: number;
  /** As in `ChangeOptions`. */
  readonly confirmSeconds?: number | undefined;
}

/**
 * Takes the resources of one play on one host to the states that they aim at, as `runPart` says: in one part, or in several
 * where a step needs a file that may have to be waited for; all before it is done by then.
 */
export async function runPlay(
  { session, play, number, partsApart, confirmSeconds }: PlayToRun,
  context: EngineContext,
): Promise<PlayOutcome> {
  const { host } = session.connection;
  context.emit({ type: 'play-started', host, play: play.play, steps: play.steps.length });
  const finished: string[] = [];
  for (const [i, steps] of partsOf(play).entries()) {
    const outcome = await runPart(
      {
        session,
        play: { ...play, steps },
        number: number + i * partsApart,
        others: {
          before: finished.length,
          after: play.steps.length - finished.length - steps.length,
        },
        confirmSeconds,
      },
      context,
    );
    finished.push(...outcome.finished);
    if (outcome.stopped) return { finished, stopped: true };
  }
  return { finished, stopped: false };
}

/** Each begins with a step that waits for its upload, but for the first. */
function partsOf({ steps }: PlannedPlay): readonly (readonly PlannedStep[])[] {
  const parts: PlannedStep[][] = [[]];
  for (const step of steps) {
    const waits = step.resource.uploads?.some(({ late }) => late === true) === true;
    if (waits && parts.at(-1)?.length !== 0) parts.push([]);
    parts.at(-1)?.push(step);
  }
  return parts;
}

/**
 * Takes some resources of a play to the states that they aim at: uploads first, then one session. A connection
 * that breaks is made again, and no step begins twice. A change that may cut the host off is confirmed over a connection
 * of its own, or rolled back by the host.
 * @throws StepFailedError with the end of the step's output; RolledBackError for a change that was rolled back; JobCutOffError when the host was rebooted or the job
 * killed; ConnectionLostError when the host stayed away.
 */
async function runPart(
  {
    session,
    play,
    number,
    others,
    confirmSeconds = confirmWindowSeconds(session.connection.pace),
  }: {
    readonly session: LockedSession;
    readonly play: PlannedPlay;
    /** Tells the jobs of one host apart. */
    readonly number: number;
    /** How many steps of the play are not in this part. */
    readonly others: { readonly before: number; readonly after: number };
    /** As in `ChangeOptions`. */
    readonly confirmSeconds?: number | undefined;
  },
  context: EngineContext,
): Promise<PlayOutcome> {
  const { signal } = context;
  const { connection, paths, boot, lock } = session;
  const awayMs = (confirmSeconds + AWAY_BEYOND_SECONDS) * 1000;
  await uploadFiles(session, { play, awayMs }, context);
  if (signal.aborted) return { finished: [], stopped: true };
  const steps = play.steps.map(({ resource }) => resource.id);
  const scripts = play.steps.map(({ resource, from, to }) => resource.converge(from, to));
  const { owner, controller, since, invocation } = lock;
  const about = { play: play.play, steps, owner, controller, since, boot };
  const job: Job = { paths, invocation, number };
  const reversible = withRollback(play, scripts, { job, confirmSeconds });
  const confirmations = new Confirmations(session);
  const follower = new JobFollower(
    {
      host: connection.host,
      play: play.play,
      steps,
      others,
      commands: scripts.map(({ text }) => text),
      onConfirm: (change) => {
        // Another job's change is not ours to confirm, whatever the host asks for.
        if (isChangeOf(change, nameOfChanges(job))) confirmations.begin(change, confirmSeconds);
      },
    },
    context,
  );
  try {
    const start = { about, steps: reversible };
    const work = (): Promise<void> => followJob({ connection, job, follower, signal, start });
    await withReconnects(session, { work, awayMs }, context);
  } catch (error) {
    if (!(error instanceof JobCutOffError)) throw error;
    // What it said last may not have come through any more.
    const running = play.steps[follower.status.finished.length];
    if (error.isReboot && running !== undefined && rollbackOf(running) !== undefined) {
      throw await rolledBackError(running, {
        connection,
        reason: 'the host was rebooted while the change was pending',
        cause: error,
        hint: 'Run the command again.',
        reading: evenWhenStopping(context),
      });
    }
    throw cutOff(connection.host, play, { follower, what: error.message, cause: error });
  } finally {
    await confirmations.end();
  }
  await throwIfNotKept(connection, play, { follower, cause: confirmations.lastFailure, context });
  return outcomeOf(connection.host, play, follower);
}

/** What the changes of a job that may cut its host off are called, together. */
function nameOfChanges({ invocation, number }: Job): string {
  return `${invocation}-${number}`;
}

/** Of a change that could have cut the host off, and failed: how it really ended, as read on the host. */
async function throwIfNotKept(
  connection: Connection,
  play: PlannedPlay,
  {
    follower,
    cause,
    context,
  }: {
    readonly follower: JobFollower;
    readonly cause: unknown;
    readonly context: EngineContext;
  },
): Promise<void> {
  const { failure, isRolledBack } = follower.status;
  const step = play.steps.find(({ resource }) => resource.id === failure?.step);
  if (failure === undefined || step === undefined || rollbackOf(step) === undefined) return;
  const reading = evenWhenStopping(context);
  if (!isRolledBack) throw await unseenEndError(step, { connection, reading, failure });
  const reason = failure.output.trim();
  throw await rolledBackError(step, { connection, reason, cause, reading });
}

/** How much longer than its own time a host may be out of reach that has to roll a change back first. */
const AWAY_BEYOND_SECONDS = 60;

/** The steps as the host runs them: those that may cut it off with their roll-back. */
function withRollback(
  { steps }: PlannedPlay,
  scripts: readonly Script[],
  { job, confirmSeconds }: { readonly job: Job; readonly confirmSeconds: number },
): readonly Script[] {
  return scripts.map((converge, step) => {
    const rollback = steps[step] === undefined ? undefined : rollbackOf(steps[step]);
    if (rollback === undefined) return converge;
    return commitConfirmedStep({
      rollback,
      converge,
      job: nameOfChanges(job),
      step,
      jobFolder: jobFolder(job),
      paths: job.paths,
      windowSeconds: confirmSeconds,
    });
  });
}

function rollbackOf({
  resource,
  from,
  to,
}: PlannedStep): ReturnType<NonNullable<PlannedStep['resource']['rollback']>> {
  return resource.rollback?.(from, to);
}

/**
 * Follows a job until it has ended, or the connection; forwards a request to stop to the job.
 * @param start what the job is begun with, where it has not begun; not set, a job that has begun before.
 */
export async function followJob({
  connection,
  job,
  follower,
  signal,
  start,
}: {
  readonly connection: Connection;
  readonly job: Job;
  readonly follower: JobFollower;
  readonly signal: AbortSignal;
  readonly start?: Parameters<typeof startAndFollow>[1];
}): Promise<void> {
  follower.resume();
  const askedToStop = stopOn(signal, connection, job);
  try {
    const from = follower.nextLine;
    const script = start === undefined || from > 1 ? follow(job, from) : startAndFollow(job, start);
    const result = await connection.run(script, {
      silenceMs: readingLimitMs(connection.pace),
      onStdout: (text) => {
        follower.read(text);
      },
    });
    if (result.exitCode !== 0) throw notFollowed(connection.host, result);
  } finally {
    await askedToStop();
  }
}

function notFollowed(host: string, { exitCode, stderr }: RunResult): LvslabError {
  if (exitCode !== null) return stepFailure({ host, step: 'job', exitCode, output: stderr });
  return new ConnectionLostError('the session that followed the job was killed', {
    host,
    step: 'job',
    hint: 'Run the command again: it adopts the job.',
  });
}

/** An upload that was cut off is done again: what was sent lies under another name until it is whole. */
async function uploadFiles(
  session: LockedSession,
  { play: { play, steps }, awayMs }: { readonly play: PlannedPlay; readonly awayMs: number },
  context: EngineContext,
): Promise<void> {
  const { connection } = session;
  const { emit, signal } = context;
  for (const { source, path } of steps.flatMap(({ resource }) => resource.uploads ?? [])) {
    const file = await source({ signal });
    if (file === undefined) continue;
    emit({ type: 'uploading', host: connection.host, play, path });
    const work = (): Promise<void> => connection.upload(file, path, { signal });
    await withReconnects(session, { work, awayMs }, context);
  }
}

function outcomeOf(host: string, play: PlannedPlay, follower: JobFollower): PlayOutcome {
  const { finished, failure, end } = follower.status;
  if (failure !== undefined) throw failure;
  if (end === 'done') return { finished, stopped: finished.length < play.steps.length };
  const what = {
    died: "the job's process ended without a word: it was killed, or the host ran out of memory",
    gone: 'the job is not there any more',
    unseen: "the job's end was not seen",
  }[end ?? 'unseen'];
  throw cutOff(host, play, { follower, what });
}

function cutOff(
  host: string,
  { play, steps }: PlannedPlay,
  {
    follower: { status },
    what,
    cause,
  }: { readonly follower: JobFollower; readonly what: string; readonly cause?: LvslabError },
): JobCutOffError {
  const { finished, running } = status;
  const during = running === undefined ? 'between two steps' : `during '${running}'`;
  return new JobCutOffError(
    `${what} (${during}; ${finished.length} of ${steps.length} steps of '${play}' were done)`,
    {
      host,
      step: running ?? play,
      cause,
      hint: 'Run the command again: it reads what state the host is in and goes on from there.',
    },
  );
}

/** Passes an interruption on to the host; the returned function waits until that has been said. */
function stopOn(signal: AbortSignal, connection: Connection, job: Job): () => Promise<void> {
  let said: Promise<unknown> = Promise.resolve();
  const onAbort = (): void => {
    said = runShort(connection, askToStop(job), { signal }).catch((error: unknown) => {
      // A lost connection is made again, and then it is said again; whoever follows the job sees the loss, too.
      if (!(error instanceof LvslabError)) throw error;
    });
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return async () => {
    signal.removeEventListener('abort', onAbort);
    await said;
  };
}
