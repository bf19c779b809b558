import { type RunResult } from '../model/connection.ts';
import { pause } from '../model/failures/cancellation.ts';
import { compactJournal } from '../journal/compact-journal.ts';
import {
  LockedError,
  type LvslabError,
  ObserveError,
  JobCutOffError,
  StalePlanError,
} from '../model/failures/errors.ts';
import { clearStaleChanges } from '../rollback/commit-confirmed.ts';
import { hostError } from '../model/failures/host-error.ts';
import {
  describeHolder,
  describeTakeover,
  probeLock,
  type LockAnswer,
  type LockHolder,
  parseLockProbe,
  parseLockAnswer,
  parseRelease,
  releaseLock,
  takeLock,
} from '../detached/host-lock.ts';
import { isSameSpec } from '../journal/journal.ts';
import { type JournalLine, printJournalLine } from '../journal/journal-line.ts';
import {
  appendToJournal,
  isInJournal,
  isWithoutJournal,
  journalVersion,
  removeJournal,
  rewriteJournal,
} from '../journal/journal-script.ts';
import { type HostFailure } from '../model/plan.ts';
import { type Playbook } from '../model/play.ts';
import { read, type ReadingLimits, runShort } from '../host/reading.ts';
import { type Resource } from '../model/resource.ts';
import { lines, sh } from '../model/shell/script.ts';
import { stepFailure } from '../host/step-failure.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { type LockedSession } from '../session/host-session.ts';
import { type SurveyedHost } from './survey.ts';
import { removeUnfinished } from '../host/partial-file.ts';

/** What a person may say about how hosts are changed. */
export interface ChangeOptions {
  /** How long to wait for a host that somebody else is changing; not at all unless told. */
  readonly lockWaitMs?: number | undefined;
  /**
   * How long a host waits for the confirmation of a change that may cut it off, before it rolls it back, 15 to 600; not set:
   * as long as its speed asks for, but 60 s at least.
   */
  readonly confirmSeconds?: number | undefined;
}

/** A surveyed host that this invocation has locked. */
export interface LockedHost extends SurveyedHost {
  readonly session: LockedSession;
}

/** The locks that one invocation holds, and what it wrote into the journals. */
export interface OpenChanges {
  readonly hosts: readonly LockedHost[];
  /** Hosts that could not be locked because something went wrong there. */
  readonly failures: readonly HostFailure[];
  /** How many resources were journaled for the first time, by host. */
  readonly firsts: ReadonlyMap<string, number>;
}

/**
 * Takes the locks of all these hosts, or of none, and writes into each journal what is about to change.
 * @throws LockedError when somebody else holds one of them; StalePlanError when a plan has been overtaken by another invocation.
 */
export async function openChanges(
  hosts: readonly SurveyedHost[],
  {
    playbook,
    lockWaitMs = 0,
  }: Pick<ChangeOptions, 'lockWaitMs'> & { readonly playbook: Playbook<never> },
  context: EngineContext,
): Promise<OpenChanges> {
  const invocation = context.random();
  const since = context.clock.date().toISOString();
  const holder = { ...context.identity, invocation, since };
  const attempts = await Promise.all(
    hosts.map(async (host) => ({
      host,
      ...(await attempt({ host, playbook, holder }, context)),
    })),
  );
  const taken = attempts.flatMap(({ host, answer }) =>
    answer?.type === 'taken' ? [{ ...host, session: { ...host.session, lock: holder } }] : [],
  );
  const refusal = attempts.find(({ answer }) => answer !== undefined && answer.type !== 'taken');
  if (refusal !== undefined) {
    await Promise.allSettled(
      taken.map(({ session }) => closeChanges({ session, added: [], left: 1 }, context)),
    );
    await refuse(refusal, lockWaitMs, context);
  }
  for (const { host, answer } of attempts) {
    if (answer?.type !== 'taken' || answer.tookOver === undefined) continue;
    const text = describeTakeover(answer.tookOver);
    context.emit({ type: 'notice', host: host.name, text });
  }
  return {
    hosts: taken,
    failures: attempts.flatMap(({ host, error }) => (error ? [{ host: host.name, error }] : [])),
    firsts: new Map(attempts.map(({ host, firsts }) => [host.name, firsts])),
  };
}

/**
 * Gives the lock of a host back, after adding lines to the journal, which goes when nothing is left in it. May be done
 * again where the connection broke and nobody knows how far it came: nothing is written twice.
 * @param left how many entries stay.
 * @throws JobCutOffError where the lock is somebody else's by now, or a run still goes on there; StepFailedError.
 */
export async function closeChanges(
  {
    session: {
      connection,
      paths,
      lock: { invocation },
    },
    added,
    left,
  }: {
    readonly session: LockedSession;
    readonly added: readonly JournalLine[];
    readonly left: number;
  },
  limits: ReadingLimits,
): Promise<void> {
  const printed = print(added);
  const last = printed.at(-1);
  const isWritten =
    last === undefined ? sh`:` : left === 0 ? isWithoutJournal(paths) : isInJournal(paths, last);
  const strike = left === 0 ? removeJournal(paths) : appendToJournal(paths, printed);
  const first = sh`
    if ! ${isWritten}; then
      ${strike}
    fi
  `;
  const result = await runShort(
    connection,
    releaseLock({ paths, invocation, first, isWritten }),
    limits,
  );
  if (result.exitCode !== 0) throw failureOf(connection.host, 'unlock', result);
  const answer = parseRelease(result.stdout);
  if (answer !== 'released') throw notReleased(connection.host, answer);
}

function notReleased(host: string, answer: 'lost' | 'running' | undefined): LvslabError {
  const options = { host, step: 'unlock' };
  switch (answer) {
    case 'lost':
      return new JobCutOffError('the lock was lost before what was done could be noted down', {
        ...options,
        hint: 'See with `lvslab plan` whether another invocation is changing it, then run the command again.',
      });
    case 'running':
      return new JobCutOffError('a job of this command still runs there, so the lock stays', {
        ...options,
        hint: 'Run the command again: it adopts the job.',
      });
    case undefined:
      return new ObserveError('the host did not say whether the lock was given back', {
        ...options,
        hint: 'See with `lvslab unlock` who holds it.',
      });
  }
}

interface Attempt {
  readonly answer?: LockAnswer;
  readonly error?: LvslabError;
  readonly firsts: number;
}

async function attempt(
  change: {
    readonly host: SurveyedHost;
    readonly playbook: Playbook<never>;
    readonly holder: LockHolder;
  },
  context: EngineContext,
): Promise<Attempt> {
  const { host, holder } = change;
  const {
    name,
    journal,
    session: { connection, paths },
  } = host;
  try {
    const added = journalLines(change);
    const firsts = added.filter(({ type }) => type === 'first').length;
    const compact = compactJournal(journal.printed);
    const script = takeLock({
      paths,
      holder,
      check: journalVersion(paths),
      expected: journal.version,
      then: lines(
        removeUnfinished(paths),
        clearStaleChanges(paths),
        compact === undefined
          ? appendToJournal(paths, print(added))
          : rewriteJournal(paths, [...compact, ...print(added)]),
      ),
    });
    const result = await runShort(connection, script, context);
    const answer = parseLockAnswer(result.stdout);
    if (result.exitCode !== 0 || answer === undefined) throw failureOf(name, 'journal', result);
    return { answer, firsts };
  } catch (cause) {
    const error = hostError(cause, name);
    context.emit({ type: 'host-failed', host: name, error });
    return { error, firsts: 0 };
  }
}

/** What is written ahead: what each resource was that was never touched before, and what is to become of it now. */
function journalLines({
  host,
  playbook,
  holder: { invocation: run, since: time, owner, controller },
}: {
  readonly host: SurveyedHost;
  readonly playbook: Playbook<never>;
  readonly holder: LockHolder;
}): readonly JournalLine[] {
  const undoing = new Set(host.plays.filter(({ undoes }) => undoes).map(({ play }) => play));
  const added = host.plan.plays
    .filter(({ play }) => !undoing.has(play))
    .flatMap(({ play, steps }) => {
      const after = playbook.plays.find(({ name }) => name === play)?.after ?? [];
      return steps.flatMap(({ resource }) => linesFor(host, resource, { name: play, after }));
    });
  const ids = host.plan.plays
    .flatMap(({ steps }) => steps)
    .flatMap(({ resource }) => (resource.undo?.outcome === undefined ? [] : [resource.id]));
  return [
    { type: 'run', run, time, by: `${owner} on ${controller}` },
    ...added.map((line): JournalLine =>
      line.type === 'first'
        ? { ...line, run, time }
        : { ...line, playbook: playbook.name, run, time },
    ),
    ...(ids.length === 0 ? [] : [{ type: 'began', ids, run, time } as const]),
  ];

  function linesFor(
    { journal, observations }: SurveyedHost,
    { id, spec }: Resource,
    play: { readonly name: string; readonly after: readonly string[] },
  ) {
    const before = observations.get(id);
    if (spec === undefined || before === undefined || before.kind === 'unknown') return [];
    const made = { type: 'made', id, spec } as const;
    const entry = journal.entries.find((known) => known.id === id);
    if (entry === undefined)
      return [{ type: 'first', id, before, play, unmade: true } as const, made];
    const last = entry.specs.at(-1) ?? entry.specs[0];
    const isKnown = entry.playbooks.includes(playbook.name) && isSameSpec(last, spec);
    return isKnown ? [] : [made];
  }
}

async function refuse(
  { host, answer }: { readonly host: SurveyedHost } & Attempt,
  lockWaitMs: number,
  context: EngineContext,
): Promise<never> {
  if (answer?.type === 'held') await waitUntilFree(host, { by: answer.by, lockWaitMs }, context);
  throw new StalePlanError('another run has changed this host since the plan was made', {
    host: host.name,
    step: 'lock',
    hint: 'Run the command again: the plan will be a new one.',
  });
}

/** @throws LockedError when the lock is still held after the time that the person would wait; CancelledError. */
async function waitUntilFree(
  { name, session: { connection, paths } }: SurveyedHost,
  { by, lockWaitMs }: { readonly by: LockHolder; readonly lockWaitMs: number },
  context: EngineContext,
): Promise<void> {
  const { clock, signal, emit } = context;
  const end = clock.elapsed() + lockWaitMs;
  if (lockWaitMs > 0) {
    emit({ type: 'notice', host: name, text: `waiting for ${describeHolder(by)}` });
  }
  while (clock.elapsed() < end) {
    await pause(Math.min(1000, end - clock.elapsed()), signal, { host: name, step: 'lock' });
    const { stdout } = await read(connection, probeLock(paths), context);
    if (parseLockProbe(stdout)?.alive !== true) return;
  }
  // A minute, or more where that was not enough.
  const wait = lockWaitMs < 60_000 ? '`lvslab … --wait 60s`' : '`lvslab … --wait 10m`';
  throw new LockedError(`this host is being changed by ${describeHolder(by)}`, {
    host: name,
    step: 'lock',
    hint: `Wait for it with ${wait}; when you know that it is gone, use \`lvslab unlock\`.`,
  });
}

function print(added: readonly JournalLine[]): readonly string[] {
  return added.map(printJournalLine);
}

function failureOf(host: string, step: string, { exitCode, stderr }: RunResult): LvslabError {
  return stepFailure({ host, step, exitCode: exitCode ?? 1, output: stderr });
}
