import { type PlannedPlay } from '../model/plan.ts';
import { type Playbook } from '../model/play.ts';
import { type Survey, type SurveyedHost } from './survey.ts';

/** How a play ended on a host. */
export type PlayEnd = { readonly ok: true } | { readonly ok: false; readonly reason: string };

interface ScheduleOptions<Context> {
  readonly survey: Survey;
  readonly playbook: Playbook<Context>;
  /** Whether something has gone wrong on this host before. */
  readonly hasFailed: (host: string) => boolean;
  /** Carries a play out on a host that may be changed; resolves also when it fails. */
  readonly run: (host: SurveyedHost, play: PlannedPlay) => Promise<PlayEnd>;
  /** Told of a play that is left out, and why. */
  readonly onSkip: (host: SurveyedHost, play: PlannedPlay, reason: string) => void;
}

/**
 * Runs the plays of all hosts: side by side, but on one host one after the other, and none before those that its `after`
 * names have succeeded on all of their hosts.
 */
export class PlaySchedule<Context> {
  readonly #options: ScheduleOptions<Context>;
  readonly #ends = new Map<string, Promise<PlayEnd>>();

  constructor(options: ScheduleOptions<Context>) {
    this.#options = options;
  }

  /** Resolves when every play has ended or was left out. */
  async runAll(hosts: readonly SurveyedHost[]): Promise<void> {
    const ends = await Promise.allSettled(
      hosts.flatMap((host) => host.plan.plays.map(({ play }) => this.#endOf(host.name, play))),
    );
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
  }

  /** The first to ask starts the play, once what it depends on has ended. */
  #endOf(host: string, play: string): Promise<PlayEnd> {
    const key = JSON.stringify([host, play]);
    const known = this.#ends.get(key);
    if (known !== undefined) return known;
    const end = this.#carryOut(host, play);
    this.#ends.set(key, end);
    return end;
  }

  async #carryOut(hostName: string, playName: string): Promise<PlayEnd> {
    const { survey, hasFailed, run, onSkip } = this.#options;
    const host = survey.hosts.find(({ name }) => name === hostName);
    const planned = host?.plan.plays.find(({ play }) => play === playName);
    if (host === undefined || planned === undefined || (!host.readOnly && hasFailed(hostName))) {
      return { ok: false, reason: `${hostName} failed` };
    }
    if (host.readOnly) return readOnlyEnd(planned, hostName);
    const ends = await Promise.all(
      this.#before(host, playName).map(({ name, play }) => this.#endOf(name, play)),
    );
    const failed = ends.find((end) => !end.ok);
    if (failed === undefined) return planned.steps.length === 0 ? { ok: true } : run(host, planned);
    if (planned.steps.length > 0) onSkip(host, planned, failed.reason);
    return failed;
  }

  /** What must have succeeded before: the host's own earlier plays, and the plays named by `after` on all their hosts. */
  #before(
    host: SurveyedHost,
    playName: string,
  ): readonly { readonly name: string; readonly play: string }[] {
    const own = host.plan.plays.slice(
      0,
      host.plan.plays.findIndex(({ play }) => play === playName),
    );
    const { plays } = this.#options.playbook;
    const after = plays.find(({ name }) => name === playName)?.after ?? [];
    return [
      ...own.map(({ play }) => ({ name: host.name, play })),
      ...after.flatMap((play) => this.#hostsOf(play).map((name) => ({ name, play }))),
    ];
  }

  #hostsOf(play: string): readonly string[] {
    const { hosts, failures } = this.#options.survey;
    return [
      ...hosts
        .filter(({ plays }) => plays.some((own) => own.play === play))
        .map(({ name }) => name),
      ...failures.filter(({ plays }) => plays.includes(play)).map(({ host }) => host),
    ];
  }
}

function readOnlyEnd({ play, steps }: PlannedPlay, host: string): PlayEnd {
  if (steps.length === 0) return { ok: true };
  return { ok: false, reason: `'${play}' is not done on ${host}, which this run may not change` };
}
