import { type Connection } from '../model/connection.ts';
import { type LvslabError, UsageError } from '../model/failures/errors.ts';
import { type Emit } from '../model/events.ts';
import { type JournalEntry } from '../journal/journal.ts';
import { readAll } from '../host/observe.ts';
import { type HostPlan, planHost } from '../model/plan.ts';
import { type Playbook } from '../model/play.ts';
import { type OrphanPolicy, probeIdleHost } from '../session/adopt-orphans.ts';
import { type Observed, type Stays } from '../model/resource.ts';
import { planUndo, questionOf, undoOf, undoOrder, undoResource } from '../journal/plan-undo.ts';
import { sh } from '../model/shell/script.ts';
import { type EngineContext } from '../model/engine-context.ts';
import {
  collect,
  type EngineHost,
  observeHost,
  readAndPlan,
  type Survey,
  type SurveyedHost,
} from './survey.ts';

/** Which part of what lvslab did is undone. */
export interface TeardownOptions {
  /** Ids of resources; empty, all of them. */
  readonly only: readonly string[];
  /** Which of those entries; not set, all of them. */
  readonly which?: (entry: JournalEntry) => boolean;
  /** Leave for good what others may rely on. */
  readonly keepShared: boolean;
  /** Undo also what others have changed since. */
  readonly overwrite: boolean;
  readonly orphans: OrphanPolicy;
}

/** A survey whose plan leads back to what was, and the order in which its plays depend on each other. */
export interface Teardown {
  readonly survey: Survey;
  readonly playbook: Playbook;
}

/**
 * Plans the undoing of what lvslab did, back to what the journals say of the time before lvslab: on each host the newest change first, and
 * across hosts the plays in reverse. Nothing but the journals is needed for it.
 * @throws UsageError when `only` names what no journal knows.
 */
export async function surveyTeardown<Context>(
  hosts: readonly EngineHost<Context>[],
  options: TeardownOptions,
  context: EngineContext,
): Promise<Teardown> {
  const others = hosts.filter(({ readOnly, dispensable = false }) => readOnly || dispensable);
  const unconcerned = new Set(others.map(({ name }) => name));
  const emit: Emit = (event) => {
    if (event.type !== 'host-failed' || !unconcerned.has(event.host)) context.emit(event);
    else context.emit({ type: 'notice', host: event.host, text: passedOver(event.error) });
  };
  const { hosts: surveyed, failures } = await collect(
    hosts,
    { ...context, emit },
    {
      survey: (host) => surveyHost(host, options, context),
      plays: () => [],
    },
  );
  checkKnown(options.only, surveyed);
  const order = undoOrder(
    surveyed.flatMap(({ journal }) => journal.entries.map(({ play }) => play).toReversed()),
  );
  const place = new Map(order.map(({ name }, i) => [undoOf(name), i]));
  const inOrder = <T extends { readonly play: string }>(plays: readonly T[]): readonly T[] =>
    plays.toSorted((a, b) => (place.get(a.play) ?? 0) - (place.get(b.play) ?? 0));
  return {
    survey: {
      hosts: surveyed.map((host) => ({
        ...host,
        plays: inOrder(host.plays),
        plan: { ...host.plan, plays: inOrder(host.plan.plays) },
      })),
      // Where nobody could be reached, nothing at all could be told.
      failures: failures.filter(({ host }) => surveyed.length === 0 || !unconcerned.has(host)),
    },
    playbook: {
      name: 'teardown',
      plays: order.map(({ name, after }) => ({
        name: undoOf(name),
        hosts: 'all',
        after: after.map(undoOf),
        resources: () => [],
      })),
    },
  };
}

/** What the plays of a survey will have to change once a teardown has been carried out. */
export function planAfterTeardown(
  survey: Survey,
  { survey: undone }: Teardown,
): readonly HostPlan[] {
  return survey.hosts
    .filter(({ readOnly }) => !readOnly)
    .map(({ name, plays, observations }) => {
      const host = undone.hosts.find((other) => other.name === name);
      const undoing = host?.plays.flatMap(({ resources }) => resources) ?? [];
      const afterwards = undoing.flatMap((resource) => {
        const found = host?.observations.get(resource.id);
        if (found === undefined || found.kind === 'unknown') return [];
        return [[resource.id, resource.aim(found)] as const];
      });
      return planHost({
        host: name,
        plays: plays.filter(({ undoes }) => undoes !== true),
        observations: new Map([...observations, ...afterwards]),
      });
    });
}

async function surveyHost<Context>(
  host: EngineHost<Context>,
  { only, which = () => true, keepShared, overwrite, orphans }: TeardownOptions,
  context: EngineContext,
): Promise<SurveyedHost> {
  const { makeFromSpec } = context;
  return await readAndPlan(host, context, async (connection, paths) => {
    const facts = sh`:`;
    const { journal, jobs } = await probeIdleHost(
      { ...host, facts, paths, connection },
      orphans,
      context,
    );
    const chosen = journal.entries.filter(
      (entry) => (only.length === 0 || only.includes(entry.id)) && which(entry),
    );
    const isKept = new Set(
      chosen.filter(
        (entry) => keepShared && undoResource(entry, makeFromSpec).undo?.shared === true,
      ),
    );
    const entries = chosen.filter((entry) => !isKept.has(entry));
    const observations = await observeHost(
      connection,
      entries.map((entry) => undoResource(entry, makeFromSpec)),
      context,
    );
    const staying = await askOthers({ connection, entries, observations }, context);
    const { plays, kept } = planUndo({ entries, observations, staying, makeFromSpec, overwrite });
    return {
      boot: jobs.boot,
      journal,
      observations,
      plays,
      kept,
      givenUp: [...isKept].map(({ id }) => id),
    };
  });
}

/** Asks the host what must stay for the sake of others; no session where nothing is to be asked. */
async function askOthers(
  {
    connection,
    entries,
    observations,
  }: {
    readonly connection: Connection;
    readonly entries: readonly JournalEntry[];
    readonly observations: ReadonlyMap<string, Observed<unknown>>;
  },
  context: EngineContext,
): Promise<ReadonlyMap<string, Stays>> {
  const { makeFromSpec } = context;
  const questions = entries.flatMap((entry) => {
    const observed = observations.get(entry.id);
    if (observed === undefined || observed.kind === 'unknown') return [];
    const question = questionOf(entry, observed, makeFromSpec);
    return question === undefined ? [] : [{ id: entry.id, question }];
  });
  if (questions.length === 0) return new Map();
  const outputs = await readAll(
    connection,
    questions.map(({ id, question: { script } }) => ({ id, script })),
    context,
  );
  return new Map(
    questions.map(({ id, question }) => [id, question.settle(outputs.get(id) ?? '')] as const),
  );
}

function passedOver({ message }: LvslabError): string {
  return `passed over, as nothing is to be undone here that this command knows of: ${message}`;
}

function checkKnown(only: readonly string[], hosts: readonly SurveyedHost[]): void {
  const known = new Set(hosts.flatMap(({ journal }) => journal.entries.map(({ id }) => id)));
  const missing = only.find((id) => !known.has(id));
  if (missing === undefined) return;
  throw new UsageError(`lvslab has changed no '${missing}' on these hosts`, {
    hint: `What it has changed: ${[...known].join('; ') || 'nothing'}.`,
  });
}
