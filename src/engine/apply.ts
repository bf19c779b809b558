import { type ChangeSurroundings, closeChanges, type OpenChanges, openChanges } from './changes.ts';
import { CancelledError, LvslabError, ProofError } from './errors.ts';
import { type Emit } from './events.ts';
import { type LockHolder } from './host-lock.ts';
import { observe } from './observe.ts';
import { countSteps, type HostFailure, type PlannedPlay } from './plan.ts';
import { type Playbook } from './play.ts';
import { withReconnects } from './reconnect.ts';
import { runPlay } from './run-play.ts';
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
 * @throws LockedError, StalePlanError before anything was changed.
 */
export async function apply<Context>(
  survey: Survey,
  playbook: Playbook<Context>,
  surroundings: ChangeSurroundings,
): Promise<ApplyResult> {
  const application = new Application(survey, playbook, surroundings);
  return await application.run();
}

type PlayEnd = { readonly ok: true } | { readonly ok: false; readonly reason: string };

class Application<Context> {
  readonly #survey: Survey;
  readonly #playbook: Playbook<Context>;
  readonly #surroundings: ChangeSurroundings;
  readonly #failures = new Map<string, LvslabError>();
  readonly #skipped: SkippedPlay[] = [];
  readonly #changed = new Map<string, readonly string[]>();
  readonly #ends = new Map<string, Promise<PlayEnd>>();
  #holder: LockHolder | undefined;
  /** Ids of the steps that came to their end, by host, also of plays that failed. */
  readonly #finished = new Map<string, Set<string>>();
  /** What the proof read, by host. */
  readonly #afterwards = new Map<string, SurveyedHost['observations']>();

  constructor(survey: Survey, playbook: Playbook<Context>, surroundings: ChangeSurroundings) {
    this.#survey = survey;
    this.#playbook = playbook;
    this.#surroundings = surroundings;
    for (const { host, error } of survey.failures) this.#failures.set(host, error);
  }

  async run(): Promise<ApplyResult> {
    const hosts = this.#survey.hosts.filter(({ readOnly }) => !readOnly);
    const opened = await openChanges(hosts.filter(isToChange), this.#playbook, this.#surroundings);
    this.#holder = opened.holder;
    for (const { host, error } of opened.failures) this.#failures.set(host, error);
    let proved: readonly string[] = [];
    try {
      proved = await this.#carryAllOut(hosts);
    } finally {
      await Promise.all(opened.hosts.map((host) => this.#close(host, opened, proved)));
    }
    return {
      proved: proved.filter((host) => !this.#failures.has(host)),
      failures: [...this.#failures].map(([host, error]) => ({ host, error })),
      skipped: this.#skipped,
      changed: this.#changed,
    };
  }

  /** Resolves to the names of the hosts that are proved to be as planned. */
  async #carryAllOut(hosts: readonly SurveyedHost[]): Promise<readonly string[]> {
    await Promise.all(
      hosts.flatMap((host) => host.plan.plays.map(({ play }) => this.#endOf(host.name, play))),
    );
    const healthy = hosts.filter(({ name }) => !this.#failures.has(name));
    const proofs = await Promise.all(
      healthy.map(async (host) => ((await this.#prove(host)) ? [host.name] : [])),
    );
    return proofs.flat();
  }

  async #close(
    host: SurveyedHost,
    { holder: { run }, firsts }: OpenChanges,
    proved: readonly string[],
  ): Promise<void> {
    const ids = proved.includes(host.name) ? releasesOf(host) : [];
    const entries = host.journal.entries.filter(({ id }) => !ids.includes(id)).length;
    const time = new Date(this.#surroundings.clock()).toISOString();
    const outcomes = await this.#outcomesOn(host);
    const close = (): Promise<void> =>
      closeChanges({
        host,
        run,
        added: [
          ...outcomes.map((outcome) => ({ type: 'ended', ...outcome, run, time }) as const),
          ...(ids.length === 0 ? [] : [{ type: 'released', ids, run, time } as const]),
        ],
        left: entries + (firsts.get(host.name) ?? 0),
      });
    // Of a host that has failed already, the first failure is the one to tell.
    if (this.#failures.has(host.name)) await close().catch(() => undefined);
    else await this.#guarded(host.name, () => this.#lasting(host, close));
  }

  /** What the changes have brought of which the journal keeps that; as far as the host still tells. */
  async #outcomesOn(
    host: SurveyedHost,
  ): Promise<readonly { readonly id: string; readonly outcome: unknown }[]> {
    const finished = this.#finished.get(host.name);
    const resources = host.plan.plays
      .flatMap(({ steps }) => steps.map(({ resource }) => resource))
      .filter((resource) => resource.outcome !== undefined && finished?.has(resource.id) === true);
    if (resources.length === 0) return [];
    const { nonce } = this.#surroundings;
    const after =
      this.#afterwards.get(host.name) ??
      (await observe(host.connection, resources, nonce()).catch(orNothing));
    return resources.flatMap((resource) => {
      const [from, to] = [host.observations, after].map((known) => known.get(resource.id));
      if (from === undefined || from.kind === 'unknown') return [];
      if (to === undefined || to.kind === 'unknown') return [];
      return [{ id: resource.id, outcome: resource.outcome?.(from, to) }];
    });
  }

  /** How a play ended on a host; the first to ask starts it, once what it depends on has ended. */
  #endOf(host: string, play: string): Promise<PlayEnd> {
    const key = JSON.stringify([host, play]);
    const known = this.#ends.get(key);
    if (known !== undefined) return known;
    const end = this.#carryOut(host, play);
    this.#ends.set(key, end);
    return end;
  }

  async #carryOut(hostName: string, playName: string): Promise<PlayEnd> {
    const host = this.#survey.hosts.find(({ name }) => name === hostName);
    const planned = host?.plan.plays.find(({ play }) => play === playName);
    if (host === undefined || planned === undefined) {
      return { ok: false, reason: `${hostName} failed` };
    }
    if (host.readOnly) return readOnlyEnd(planned, hostName);
    if (this.#failures.has(hostName)) return { ok: false, reason: `${hostName} failed` };
    const ends = await Promise.all(
      this.#before(host, playName).map(({ name, play }) => this.#endOf(name, play)),
    );
    const failed = ends.find((end) => !end.ok);
    if (failed !== undefined) return this.#skip(host, planned, failed.reason);
    return await this.#runPlay(host, planned);
  }

  /** What must have succeeded before: the host's own earlier plays, and the plays named by `after` on all their hosts. */
  #before(host: SurveyedHost, playName: string): readonly { name: string; play: string }[] {
    const own = host.plan.plays.slice(
      0,
      host.plan.plays.findIndex(({ play }) => play === playName),
    );
    const after = this.#playbook.plays.find(({ name }) => name === playName)?.after ?? [];
    return [
      ...own.map(({ play }) => ({ name: host.name, play })),
      ...after.flatMap((play) => this.#hostsOf(play).map((name) => ({ name, play }))),
    ];
  }

  #hostsOf(play: string): readonly string[] {
    const { hosts, failures } = this.#survey;
    return [
      ...hosts
        .filter(({ plays }) => plays.some((own) => own.play === play))
        .map(({ name }) => name),
      ...failures.filter(({ plays }) => plays.includes(play)).map(({ host }) => host),
    ];
  }

  #skip(host: SurveyedHost, { play, steps }: PlannedPlay, reason: string): PlayEnd {
    if (steps.length > 0) {
      this.#skipped.push({ host: host.name, play, reason });
      this.#surroundings.emit({ type: 'play-skipped', host: host.name, play, reason });
    }
    return { ok: false, reason };
  }

  async #runPlay(host: SurveyedHost, play: PlannedPlay): Promise<PlayEnd> {
    if (play.steps.length === 0) return { ok: true };
    const { emit: tell, now, nonce, signal, confirmSeconds } = this.#surroundings;
    const finished = this.#finished.get(host.name) ?? new Set();
    this.#finished.set(host.name, finished);
    const emit: Emit = (event) => {
      if (event.type === 'step-finished') finished.add(event.step);
      tell(event);
    };
    const done = await this.#guarded(host.name, async () => {
      const number = host.plan.plays.indexOf(play);
      const holder = this.#held();
      const world = { emit, signal, now, nonce, confirmSeconds };
      const outcome = await runPlay({ host, play, number, holder, ...world });
      const before = this.#changed.get(host.name) ?? [];
      this.#changed.set(host.name, [...before, ...outcome.finished]);
      if (outcome.stopped) throw stoppedError(host.name, play, outcome.finished.length);
      emit({ type: 'play-finished', host: host.name, play: play.play });
    });
    return done ? { ok: true } : { ok: false, reason: `'${play.play}' failed on ${host.name}` };
  }

  async #prove(host: SurveyedHost): Promise<boolean> {
    const { emit, nonce } = this.#surroundings;
    if (!this.#changed.has(host.name)) return countSteps(host.plan) === 0;
    if (this.#skipped.some((skipped) => skipped.host === host.name)) return false;
    emit({ type: 'proving', host: host.name });
    return await this.#guarded(host.name, async () => {
      const { plan, observations } = await this.#lasting(host, () => surveyAgain(host, nonce()));
      this.#afterwards.set(host.name, observations);
      emit({ type: 'proved', host: host.name, remaining: countSteps(plan) });
      for (const text of plan.notices.filter((known) => !host.plan.notices.includes(known))) {
        emit({ type: 'notice', host: host.name, text });
      }
      const remaining = plan.plays.flatMap(({ steps }) => steps.map(({ resource }) => resource.id));
      if (remaining.length > 0) throw unprovedError(host.name, remaining);
    });
  }

  /** Does under the lock what may be done again when the connection breaks. */
  async #lasting<T>(host: SurveyedHost, work: () => Promise<T>): Promise<T> {
    return await withReconnects(host, this.#held().run, {
      surroundings: this.#surroundings,
      work,
    });
  }

  #held(): LockHolder {
    if (this.#holder === undefined) throw new Error('the hosts are not locked');
    return this.#holder;
  }

  /** Runs something on a host; what goes wrong there is that host's failure and nobody else's. */
  async #guarded(host: string, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof LvslabError)) throw error;
      this.#failures.set(host, error);
      this.#surroundings.emit({ type: 'host-failed', host, error });
      return false;
    }
  }
}

/** Whether anything will be written on the host, its journal included. */
function isToChange(host: SurveyedHost): boolean {
  return countSteps(host.plan) > 0 || releasesOf(host).length > 0;
}

/** The entries of the journal that are done with once the plan is carried out. */
export function releasesOf({ plan, plays, journal, givenUp }: SurveyedHost): readonly string[] {
  const undone = plays.filter(({ undoes }) => undoes).flatMap(({ resources }) => resources);
  const ids = new Set([...undone.map(({ id }) => id), ...givenUp]);
  const kept = new Set(plan.kept?.map(({ id }) => id));
  return journal.entries.flatMap(({ id }) => (ids.has(id) && !kept.has(id) ? [id] : []));
}

function orNothing(error: unknown): SurveyedHost['observations'] {
  if (error instanceof LvslabError) return new Map();
  throw error;
}

function readOnlyEnd({ play, steps }: PlannedPlay, host: string): PlayEnd {
  if (steps.length === 0) return { ok: true };
  return { ok: false, reason: `'${play}' is not done on ${host}, which this run may not change` };
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
    {
      host,
      step: 'proof',
      hint: 'Run plan to see what differs.',
    },
  );
}
