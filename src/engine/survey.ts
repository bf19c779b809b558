import { type Connection } from './connection.ts';
import { LvslabError, ObserveError, PlaybookError } from './errors.ts';
import { type Emit } from './events.ts';
import { observe } from './observe.ts';
import { countSteps, type HostFailure, type HostPlan, type HostPlay, planHost } from './plan.ts';
import { type Play, type Playbook } from './play.ts';
import { type Resource } from './resource.ts';
import { type Script } from './script.ts';

/** A host as the engine sees it: how to reach it, and how to learn what its plays need to know. */
export interface EngineHost<Context> {
  /** Inventory name. */
  readonly name: string;
  readonly groups: readonly string[];
  /** Observed when a play depends on it, but never changed. */
  readonly readOnly: boolean;
  readonly connect: () => Promise<Connection>;
  /** Read-only shell that prints the host's facts. */
  readonly facts: Script;
  /** What the plays get for this host; may throw when the host can't be part of the lab. */
  readonly context: (facts: string) => Context;
}

/** A host that was reached and read, with its connection still open. */
export interface SurveyedHost {
  readonly name: string;
  readonly readOnly: boolean;
  readonly connection: Connection;
  readonly plays: readonly HostPlay[];
  readonly plan: HostPlan;
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

/** What the engine needs from the world beside the hosts. */
export interface Surroundings {
  readonly emit: Emit;
  /** A fresh random word of letters and digits. */
  readonly nonce: () => string;
  readonly signal: AbortSignal;
}

/**
 * Connects to every host that a play is for, learns its facts, and plans its changes; hosts in parallel, two sessions
 * each. A host that fails is reported among the failures and does not stop the others.
 */
export async function survey<Context>(
  hosts: readonly EngineHost<Context>[],
  playbook: Playbook<Context>,
  surroundings: Surroundings,
): Promise<Survey> {
  const concerned = hosts.filter((host) => playsOf(host, playbook).length > 0);
  const outcomes = await Promise.allSettled(
    concerned.map(async (host): Promise<SurveyedHost | SurveyFailure> => {
      try {
        return await surveyHost(host, playbook, surroundings);
      } catch (error) {
        if (!(error instanceof LvslabError)) throw error;
        surroundings.emit({ type: 'host-failed', host: host.name, error });
        const plays = playsOf(host, playbook).map(({ name }) => name);
        return { host: host.name, error, plays };
      }
    }),
  );
  const known = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? [outcome.value] : [],
  );
  const surveyed = {
    hosts: known.filter((outcome) => 'connection' in outcome),
    failures: known.filter((outcome) => 'error' in outcome),
  };
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken === undefined) return surveyed;
  await closeSurvey(surveyed);
  throw broken.reason;
}

/** Reads the state of a surveyed host again and plans anew. */
export async function surveyAgain(host: SurveyedHost, nonce: string): Promise<HostPlan> {
  return await planFromState(host.connection, host.plays, nonce);
}

/** Ends the connections of all surveyed hosts. */
export async function closeSurvey({ hosts }: Survey): Promise<void> {
  await Promise.allSettled(hosts.map(({ connection }) => connection.close()));
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
  playbook: Playbook<Context>,
  { emit, nonce, signal }: Surroundings,
): Promise<SurveyedHost> {
  signal.throwIfAborted();
  emit({ type: 'connecting', host: host.name });
  const connection = await host.connect();
  try {
    const context = host.context(await readFacts(connection, host.facts));
    const plays = playsOf(host, playbook).map((play) => ({
      play: play.name,
      resources: resourcesOf(play, context, host.name),
    }));
    const resources = plays.reduce((sum, play) => sum + play.resources.length, 0);
    emit({ type: 'observing', host: host.name, resources });
    const plan = await planFromState(connection, plays, nonce());
    emit({ type: 'observed', host: host.name, changes: countSteps(plan) });
    for (const text of plan.notices) emit({ type: 'notice', host: host.name, text });
    return { name: host.name, readOnly: host.readOnly, connection, plays, plan };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** What a person's own playbook throws is their mistake, and shown with its place. */
function resourcesOf<Context>(
  play: Play<Context>,
  context: Context,
  host: string,
): readonly Resource[] {
  try {
    return play.resources(context);
  } catch (cause) {
    if (cause instanceof LvslabError) throw cause;
    const { message, stack = '' } = cause instanceof Error ? cause : new Error(String(cause));
    const place = /^\s+at (?:.* \()?(.*?:\d+:\d+)\)?$/m.exec(stack)?.[1];
    throw new PlaybookError(
      `play '${play.name}': ${message}${place === undefined ? '' : ` (${place})`}`,
      {
        host,
        step: 'playbook',
        cause,
        hint: 'Mend the playbook there.',
      },
    );
  }
}

async function planFromState(
  connection: Connection,
  plays: readonly HostPlay[],
  nonce: string,
): Promise<HostPlan> {
  const resources = plays.flatMap((play) => play.resources);
  const observations = await observe(connection, resources, nonce);
  return planHost({ host: connection.host, plays, observations });
}

async function readFacts(connection: Connection, facts: Script): Promise<string> {
  const { exitCode, stdout, stderr } = await connection.run(facts);
  if (exitCode !== 0) {
    throw new ObserveError(`the host's facts could not be read: ${stderr.trim()}`, {
      host: connection.host,
      step: 'facts',
      hint: 'lvslab needs a POSIX shell and coreutils on the host.',
    });
  }
  return stdout;
}
