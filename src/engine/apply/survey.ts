import { type Connection } from '../model/connection.ts';
import { throwIfCancelled } from '../model/failures/cancellation.ts';
import { CancelledError } from '../model/failures/errors.ts';
import { hostError } from '../model/failures/host-error.ts';
import { type Journal } from '../journal/journal.ts';
import { RenewableConnection } from '../host/renewable-connection.ts';
import { observe, type ReadAhead, type ReadingContext, type ReadingPart } from '../host/observe.ts';
import {
  countSteps,
  type HostFailure,
  type HostPlan,
  type HostPlay,
  type KeptResource,
  planHost,
} from '../model/plan.ts';
import { type Play, type Playbook } from '../model/play.ts';
import { guessParts, type LastFacts } from './guess-parts.ts';
import { checkSpecs, resourcesOf } from './play-resources.ts';
import { type OrphanPolicy, probeIdleHost } from '../session/adopt-orphans.ts';
import { type Observed, type Resource } from '../model/resource.ts';
import {
  undoResource,
  obsoleteEntries,
  planUndo,
  undoOf,
  aimingWithPast,
} from '../journal/plan-undo.ts';
import { type Script } from '../model/shell/script.ts';
import { type StatePaths, statePaths } from '../host/state-paths.ts';
import { type EngineContext } from '../model/engine-context.ts';
import { type HostSession } from '../session/host-session.ts';

/** A host as the engine sees it: how to reach it, and how to learn what its plays need to know. */
export interface EngineHost<Context> {
  /** Inventory name. */
  readonly name: string;
  readonly groups: readonly string[];
  /** Observed when a play depends on it, but never changed. */
  readonly readOnly: boolean;
  readonly connect: (options?: ConnectOptions) => Promise<Connection>;
  /** Read-only shell that prints the host's facts. */
  readonly facts: Script;
  /** What the plays get for this host; may throw when the host can't be part of the lab. */
  readonly context: (facts: string) => Context;
  /** Where lvslab's own state lies there; not set, where it always does. */
  readonly paths?: StatePaths;
  /** The facts as they were printed the last time: what is asked along with them is guessed from these, and nothing else. */
  readonly lastFacts?: LastFacts;
  /** lvslab's own playbook does nothing there, so a teardown can do without it. */
  readonly dispensable?: boolean;
}

export interface ConnectOptions {
  /** Called when the host's turn to be connected to has come. */
  readonly onTurn?: () => void;
}

/** What a survey plans. */
export interface SurveyOptions<Context> {
  readonly playbook: Playbook<Context>;
  readonly orphans: OrphanPolicy;
}

/** A host that was reached and read, with its connection still open. */
export interface SurveyedHost {
  readonly name: string;
  readonly readOnly: boolean;
  readonly session: HostSession;
  readonly plays: readonly HostPlay[];
  readonly plan: HostPlan;
  readonly journal: Journal;
  /** What was observed, by resource id. */
  readonly observations: ReadonlyMap<string, Observed<unknown>>;
  /** Ids of the journal's entries that are not undone, but left for good. */
  readonly givenUp: readonly string[];
}

/** What is known about all hosts of a run before anything is changed. */
export interface Survey {
  readonly hosts: readonly SurveyedHost[];
  readonly failures: readonly SurveyFailure[];
}

/** A host about which nothing is known, and the plays that it was for. */
interface SurveyFailure extends HostFailure {
  readonly plays: readonly string[];
}

/**
 * Connects to every host that a play is for, learns its facts, and plans its changes; hosts in parallel, one session
 * each where the facts are what they were the last time, else two. A host that fails is reported among the failures and does not stop the others.
 */
export async function survey<Context>(
  hosts: readonly EngineHost<Context>[],
  options: SurveyOptions<Context>,
  context: EngineContext,
): Promise<Survey> {
  const { playbook } = options;
  const concerned = hosts.filter((host) => playsOf(host, playbook).length > 0);
  const read = await collect(concerned, context, {
    survey: (host) => surveyHost(host, options, context),
    plays: (host) => playsOf(host, playbook).map(({ name }) => name),
  });
  const planned = await collect(read.hosts, context, {
    survey: (host) =>
      closingOnFailure(host.session.connection, () => planTogether(host, read.hosts, playbook)),
    plays: ({ plays }) => plays.map(({ play }) => play),
  });
  return { hosts: planned.hosts, failures: [...read.failures, ...planned.failures] };
}

/** Plans a host anew where it comes after what is changed on others, and may have to follow that. */
function planTogether<Context>(
  host: SurveyedHost,
  all: readonly SurveyedHost[],
  { plays }: Playbook<Context>,
): SurveyedHost {
  const changedElsewhere = new Map(
    plays.map(({ name, after = [] }) => {
      const earlier = all
        .filter((other) => other !== host)
        .flatMap(({ plan }) => plan.plays.filter(({ play }) => after.includes(play)));
      const ids = earlier.flatMap(({ steps }) => steps.map(({ resource }) => resource.id));
      return [name, new Set(ids)] as const;
    }),
  );
  if ([...changedElsewhere.values()].every(({ size }) => size === 0)) return host;
  const { name, plays: own, observations, plan } = host;
  const planned = planHost({ host: name, plays: own, observations, changedElsewhere });
  return { ...host, plan: { ...plan, ...planned } };
}

/**
 * Surveys hosts in parallel; one that fails is reported among the failures and does not stop the others.
 * @throws CancelledError when the person has asked to stop; all connections are closed then.
 */
export async function collect<Host extends { readonly name: string }>(
  hosts: readonly Host[],
  { emit, signal }: EngineContext,
  {
    survey: surveyOne,
    plays,
  }: {
    readonly survey: (host: Host) => Promise<SurveyedHost>;
    readonly plays: (host: Host) => readonly string[];
  },
): Promise<Survey> {
  const outcomes = await Promise.all(
    hosts.map(async (host): Promise<SurveyedHost | SurveyFailure> => {
      try {
        return await surveyOne(host);
      } catch (thrown) {
        const error = hostError(thrown, host.name);
        // Who asks to stop knows why the host was not read.
        if (!signal.aborted) emit({ type: 'host-failed', host: host.name, error });
        return { host: host.name, error, plays: plays(host) };
      }
    }),
  );
  const surveyed = {
    hosts: outcomes.filter((outcome) => 'session' in outcome),
    failures: outcomes.filter((outcome) => 'error' in outcome),
  };
  if (!signal.aborted) return surveyed;
  await closeSurvey(surveyed);
  throw new CancelledError(
    'stopped while the hosts were being read; this command has changed nothing',
    {
      hint: 'Run the command again.',
    },
  );
}

/** Reads the state of a surveyed host again and plans anew. */
export async function surveyAgain(
  host: SurveyedHost,
  context: ReadingContext,
): Promise<Pick<SurveyedHost, 'plan' | 'observations'>> {
  const resources = host.plays.flatMap((play) => play.resources);
  const observations = await observe(host.session.connection, resources, context);
  return { plan: planHost({ host: host.name, plays: host.plays, observations }), observations };
}

/** Ends the connections of all surveyed hosts. */
export async function closeSurvey({ hosts }: Survey): Promise<void> {
  await Promise.allSettled(hosts.map(({ session }) => session.connection.close()));
}

/** The plays that are for this host, by its name or one of its groups. */
export function playsOf<Context>(
  { name, groups }: { readonly name: string; readonly groups: readonly string[] },
  { plays }: Playbook<Context>,
): readonly Play<Context>[] {
  return plays.filter(({ hosts }) => hosts === name || hosts === 'all' || groups.includes(hosts));
}

async function surveyHost<Context>(
  host: EngineHost<Context>,
  { playbook, orphans }: SurveyOptions<Context>,
  context: EngineContext,
): Promise<SurveyedHost> {
  const { makeFromSpec } = context;
  let guessing: Promise<readonly ReadingPart[]> | undefined;
  const guess = (): Promise<readonly ReadingPart[]> =>
    (guessing ??= guessParts(host.lastFacts, (facts) => {
      const guessed = host.context(facts);
      return playsOf(host, playbook).flatMap((play) => play.resources(guessed));
    }));
  // The way to the host takes its time; what to ask is thought of meanwhile, and of no host before its turn.
  const connect = (): Promise<Connection> => host.connect({ onTurn: () => void guess() });
  return await readAndPlan({ ...host, connect }, context, async (connection, paths) => {
    const { facts, journal, jobs, ahead } = await probeIdleHost(
      { ...host, paths, connection, ahead: await guess() },
      orphans,
      context,
    );
    const keeping = host.lastFacts?.keep(facts);
    const playContext = host.context(facts);
    const wanted: readonly HostPlay[] = playsOf(host, playbook).map((play) => ({
      play: play.name,
      resources: resourcesOf(play, playContext, host.name).map((resource) =>
        aimingWithPast(resource, journal, playbook.name),
      ),
    }));
    for (const { resources } of wanted) checkSpecs(resources, makeFromSpec, host.name);
    const ids = new Set(wanted.flatMap(({ resources }) => resources.map(({ id }) => id)));
    const entries = host.readOnly
      ? []
      : obsoleteEntries(journal, { ids, playbook: playbook.name, makeFromSpec });
    const resources = [
      ...wanted.flatMap((play) => play.resources),
      ...entries.map((entry) => undoResource(entry, makeFromSpec)),
    ];
    const observations = await observeHost(connection, resources, context, ahead);
    await keeping;
    const { plays, kept } = planUndo({ entries, observations, makeFromSpec, overwrite: false });
    return {
      boot: jobs.boot,
      journal,
      observations,
      plays: [...wanted, ...afterwards(plays)],
      kept,
      givenUp: [],
    };
  });
}

/** What the playbook wants no longer goes in one play of its own, once all that it wants is there. */
function afterwards(undoing: readonly HostPlay[]): readonly HostPlay[] {
  const resources = undoing.flatMap((play) => play.resources);
  if (resources.length === 0) return [];
  return [{ play: undoOf('what the playbook wants no longer'), resources, undoes: true }];
}

/** What is read of a host that it is planned from. */
interface ReadHost extends Pick<SurveyedHost, 'givenUp' | 'journal' | 'observations' | 'plays'> {
  /** Boot id. */
  readonly boot: string;
  readonly kept: readonly KeptResource[];
}

/**
 * Opens the connection of a host for as long as the survey lives, and plans the host from what was read over it; closes
 * it when that fails.
 */
export async function readAndPlan<Context>(
  { name, readOnly, connect, paths = statePaths }: EngineHost<Context>,
  context: EngineContext,
  read: (connection: RenewableConnection, paths: StatePaths) => Promise<ReadHost>,
): Promise<SurveyedHost> {
  throwIfCancelled(context.signal, { host: name, step: 'connect' });
  context.emit({ type: 'connecting', host: name });
  const connection = new RenewableConnection(await connect());
  return await closingOnFailure(connection, async () => {
    const { boot, ...found } = await read(connection, paths);
    const session = { connection, paths, boot };
    return reportSurvey({ name, readOnly, session, ...found }, context);
  });
}

/** What becomes of a host over its connection, which ends where nothing does. */
async function closingOnFailure<T>(
  connection: Pick<Connection, 'close'>,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Reads the state of the resources, and says so. */
export async function observeHost(
  connection: Connection,
  resources: readonly Resource[],
  context: EngineContext,
  ahead?: ReadAhead,
): Promise<ReadonlyMap<string, Observed<unknown>>> {
  context.emit({ type: 'observing', host: connection.host, resources: resources.length });
  return await observe(connection, resources, context, ahead);
}

/** Plans a host from what was observed, and tells what it found. */
function reportSurvey(
  { kept, ...host }: Omit<SurveyedHost, 'plan'> & Pick<ReadHost, 'kept'>,
  { emit }: EngineContext,
): SurveyedHost {
  const { name, plays, observations, journal } = host;
  const planned = planHost({ host: name, plays, observations });
  const plan = kept.length === 0 ? planned : { ...planned, kept };
  emit({ type: 'observed', host: name, changes: countSteps(plan) });
  const notices = [...plan.notices];
  if (journal.damaged > 0) {
    notices.push(
      `${journal.damaged} damaged lines of the journal were passed over; the others are good`,
    );
  }
  const irreversible = plan.plays.flatMap(({ steps }) =>
    steps.flatMap(({ resource }) => (resource.spec === undefined ? [resource.id] : [])),
  );
  if (irreversible.length > 0) {
    notices.push(
      `no teardown can undo this, since it has no spec (docs/playbooks.md): ${irreversible.join(', ')}`,
    );
  }
  for (const text of notices) emit({ type: 'notice', host: name, text });
  return { ...host, plan };
}
