import { throwIfCancelled } from '../model/cancellation.ts';
import { ObserveError } from '../model/errors.ts';
import { clearRuns, describeTakeover, parseLockAnswer } from '../detached/host-lock.ts';
import { type LastingConnection } from '../host/renewable-connection.ts';
import {
  type FoundRun,
  type HostRuns,
  type RunSummary,
  summaryOf,
  unattended,
} from '../detached/orphaned-jobs.ts';
import { soundJournal } from '../journal/journal-trust.ts';
import { type HostReading, readHost } from './probe-host.ts';
import { type ReadingContext } from '../host/observe.ts';
import { evenWhenStopping, runShort } from '../host/reading.ts';
import { withReconnects } from './reconnect.ts';
import { backward } from '../journal/plan-undo.ts';
import { RunFollower } from '../detached/job-follower.ts';
import { followRun } from './run-play.ts';
import { runsOf } from '../detached/job-script.ts';
import { type Script, sh } from '../model/script.ts';
import { type StateFolders } from '../host/state-paths.ts';
import { stepFailure } from '../host/step-failure.ts';
import { type Surroundings } from './engine-context.ts';

interface ReadableHost {
  readonly name: string;
  readonly readOnly: boolean;
  readonly facts: Script;
  readonly folders: StateFolders;
  readonly connection: LastingConnection;
}

/**
 * Reads a host's facts and its journal. A run whose lvslab is gone is followed to its end before, told and forgotten,
 * where the survey leads to changes: what has to be done is planned from what that run has left.
 * @throws ObserveError, TimeoutError; CancelledError when the person has asked to stop, once the step that was under way is
 * done.
 */
export async function readIdleHost(
  host: ReadableHost,
  surroundings: Surroundings,
): Promise<HostReading> {
  const { signal } = surroundings;
  const isToBePickedUp = surroundings.leftRuns === 'pick up' && !host.readOnly;
  let reading: ReadingContext = surroundings;
  const followed = new Set<string>();
  for (;;) {
    const found = await readHost(host.connection, host, reading);
    const { revive } = surroundings;
    const journal = soundJournal(found.journal, (entry) => backward(entry, revive));
    const { runs } = found;
    tell(host, isToBePickedUp ? unattended(runs) : worthTelling(runs), { runs, surroundings });
    if (!isToBePickedUp) return { ...found, journal };
    const underWay = unattended(runs).find((run) => run.isUnderWay);
    if (underWay !== undefined && followed.has(nameOf(underWay))) throw livesAgain(host, underWay);
    if (underWay === undefined) {
      await clear(host, runs, surroundings);
      throwIfCancelled(signal, { host: host.name, step: 'runs' });
      return { ...found, journal };
    }
    followed.add(nameOf(underWay));
    await followToItsEnd(host, { run: underWay, boot: runs.boot }, surroundings);
    // Also after a request to stop: how that run has ended is told.
    reading = evenWhenStopping(surroundings);
  }
}

function nameOf({ lock, number }: FoundRun): string {
  return `${lock}.${number}`;
}

function livesAgain({ name, folders }: ReadableHost, run: FoundRun): ObserveError {
  return new ObserveError(
    `the run '${run.about.play}' was followed to its end, and goes on all the same`,
    {
      host: name,
      step: 'runs',
      hint: `Look on the host at what \`${sh`ls -l ${runsOf(folders)}`.text}\` says; nothing was changed there.`,
    },
  );
}

/** Of somebody who is at work, only what goes on now. */
function worthTelling(runs: HostRuns): readonly FoundRun[] {
  const left = unattended(runs);
  return runs.runs.filter((run) => run.isUnderWay || left.includes(run));
}

function tell(
  { name }: ReadableHost,
  found: readonly FoundRun[],
  { runs, surroundings }: { readonly runs: HostRuns; readonly surroundings: Surroundings },
): void {
  const left = unattended(runs);
  for (const run of found) {
    const summary = summaryOf(run, surroundings.explainFailure);
    tellOf(name, run, { summary, isAttended: !left.includes(run), surroundings });
  }
}

function tellOf(
  host: string,
  { about }: FoundRun,
  {
    summary,
    isAttended,
    surroundings: { emit },
  }: {
    readonly summary: RunSummary;
    readonly isAttended: boolean;
    readonly surroundings: Surroundings;
  },
): void {
  const { play, owner, controller, since, steps } = about;
  emit({
    type: 'run-found',
    host,
    play,
    owner,
    controller,
    since,
    isAttended,
    of: steps.length,
    ...summary,
  });
}

/** Follows a run that nobody follows any more; a lost connection is made again, and an interruption passed on. */
async function followToItsEnd(
  { name, connection, folders }: ReadableHost,
  { run, boot }: { readonly run: FoundRun; readonly boot: string },
  surroundings: Surroundings,
): Promise<void> {
  const { about, lock, number } = run;
  const follower = RunFollower.of(
    {
      host: name,
      play: about.play,
      steps: about.steps,
      commands: [],
      // Whoever tried the change is gone: the host takes it back by itself, and it is planned again.
      onConfirm: () => undefined,
    },
    { ...run, ...surroundings },
  );
  await withReconnects({ connection, folders, boot }, undefined, {
    surroundings,
    work: () =>
      followRun({
        connection,
        run: { folders, lock, number },
        follower,
        signal: surroundings.signal,
      }),
  });
  if (follower.standing.end !== 'gone') return;
  const summary: RunSummary = {
    ...summaryOf(run, surroundings.explainFailure),
    state: 'rebooted',
  };
  tellOf(name, run, { summary, isAttended: false, surroundings });
}

/** Removes what runs have left that are over, and the lock of a holder that is gone. */
async function clear(
  { connection, folders }: ReadableHost,
  runs: HostRuns,
  surroundings: Surroundings,
): Promise<void> {
  const { emit, nonce, clock, by } = surroundings;
  const locks = new Set(unattended(runs).map(({ lock }) => lock));
  if (runs.isAttended || (runs.holder === undefined && locks.size === 0)) return;
  const holder = { ...by, run: nonce(), since: new Date(clock()).toISOString() };
  const script = clearRuns({ folders, holder, locks: [...locks] });
  const result = await runShort(connection, script, surroundings);
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
  if (answer?.type !== 'taken' || answer.tookOver === undefined) return;
  emit({ type: 'notice', host, text: describeTakeover(answer.tookOver) });
}
