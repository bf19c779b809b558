import { type Connection } from '../engine/model/connection.ts';
import { LvslabError } from '../engine/model/failures/errors.ts';
import { type Observed } from '../engine/model/resource.ts';
import { type ServiceCounters } from '../ipvs/table/counters.ts';
import { expectedDistribution } from '../ipvs/distribution/expected-distribution.ts';
import { serviceTitle, type VirtualService } from '../ipvs/virtual-service.ts';
import { readAnswers, countRequests } from './readings/answers.ts';
import { CountersAtRest } from './readings/counters-at-rest.ts';
import { describeServers, judgePhase } from './judging/judge-phase.ts';
import { type LabUnderTest, requestVip } from './lab-under-test.ts';
import { type DrillPhase, type DrillReport, overallVerdict, type Restoration } from './report.ts';
import { type Probe } from './probe/start-probe.ts';
import { runTask } from './run-task.ts';
import { StoppedServers } from './stopped-servers.ts';

/** What the drill needs beside the lab, to set it right again whatever happens. */
export interface DrillOptions {
  /** Opens a new connection to a host whose old one was lost. */
  readonly reconnect: (host: string) => Promise<Connection>;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Traffic that goes on meanwhile; it pauses while the requests of a phase are made and counted. */
  readonly probe?: Probe;
}

/** About so many requests in each phase: enough to see the pattern several times. */
const REQUESTS = 30;
/** A rotation longer than this is judged by a part of it. */
const MAX_REQUESTS = 300;
/** No phase takes longer, time-outs included. */
const PHASE_SECONDS = 180;

/**
 * The tutorial's last experiment: stop the real servers one after the other, the last one first, and see that exactly
 * their share of new connections is refused and nobody takes over; then start them all and see the lab whole again.
 * What was stopped is started again in any case: after an error, an interruption, a lost connection; if the controller
 * vanishes, the hosts do it by themselves.
 */
export async function drillLab(test: LabUnderTest, options: DrillOptions): Promise<DrillReport> {
  const { service } = test;
  const drill = new Drill(test, options);
  const error = await drill.run();
  const { phases, restorations } = drill;
  const whole = error === undefined && restorations.every(({ restored }) => restored);
  return {
    service: `${serviceTitle(service)} ${service.scheduler}`,
    client: test.client.host,
    phases,
    restorations,
    ...(error === undefined ? {} : { error }),
    verdict: whole ? overallVerdict(phases.flatMap(({ checks }) => checks)) : 'failed',
  };
}

class Drill {
  readonly phases: DrillPhase[] = [];
  restorations: readonly Restoration[] = [];
  readonly #test: LabUnderTest;
  readonly #stopped: StoppedServers;
  readonly #probe: Probe | undefined;
  readonly #atRest: CountersAtRest;
  /** Where the counters stood when the last phase ended. */
  #counters: Observed<ServiceCounters> | undefined;

  constructor(test: LabUnderTest, options: DrillOptions) {
    this.#test = test;
    this.#probe = options.probe;
    this.#atRest = new CountersAtRest(test.directorHost, test);
    this.#stopped = new StoppedServers({
      ...options,
      realServers: test.realServers,
      nonce: test.nonce,
      guardSeconds: PHASE_SECONDS * (test.lab.realServers.length + 1),
    });
  }

  /** @returns why it ended early, if it did. */
  async run(): Promise<LvslabError | undefined> {
    try {
      try {
        await this.#stopOneByOne();
      } finally {
        await this.#restore();
      }
      if (this.restorations.some(({ restored }) => restored)) await this.#lastPhase();
      return undefined;
    } catch (error) {
      if (error instanceof LvslabError) return error;
      throw error;
    }
  }

  /** A lab that isn't whole at the start is left alone: nothing could be learned from it. */
  async #stopOneByOne(): Promise<void> {
    const before = await this.#phase('all running');
    if (overallVerdict(before.checks) !== 'ok') return;
    const servers = this.#test.lab.realServers.filter(({ weight }) => weight > 0).toReversed();
    for (const { name } of servers) {
      this.#probe?.mark(`stop nginx on ${name}`);
      await runTask(`stop nginx on ${name}`, this.#test, () => this.#stopped.stop(name));
      await this.#phase(`${this.#stopped.names.join(' and ')} stopped`);
    }
  }

  async #restore(): Promise<void> {
    const { names } = this.#stopped;
    if (names.length === 0) return;
    this.#probe?.mark(`start nginx on ${names.join(' and ')}`);
    await runTask(`start nginx on ${names.join(' and ')}`, this.#test, async () => {
      this.restorations = await this.#stopped.restore();
    });
  }

  async #lastPhase(): Promise<void> {
    const { names } = this.#stopped;
    await this.#phase(
      names.length === 0 ? 'all running again' : `${names.join(' and ')} still stopped`,
    );
  }

  async #phase(title: string): Promise<DrillPhase> {
    await this.#probe?.pause();
    // Others have asked since the last phase.
    if (this.#probe !== undefined) this.#counters = undefined;
    const phase = await this.#countedPhase(title);
    this.#probe?.mark(title);
    await this.#probe?.resume();
    return phase;
  }

  async #countedPhase(title: string): Promise<DrillPhase> {
    const { lab, service, nonce } = this.#test;
    const { realServers: servers } = lab;
    const stopped = this.#stopped.names;
    const asked = requestsFor(service);
    const countersBefore =
      this.#counters?.kind === 'value' ? this.#counters : await this.#atRest.read();
    const order = { count: asked, marker: nonce(), task: title };
    const batch = await requestVip(this.#test, order);
    const counted =
      countersBefore.kind === 'value'
        ? countersBefore.value.connections + batch.results.length
        : undefined;
    const countersAfter = await this.#atRest.read(counted);
    this.#counters = countersAfter;
    const answers = readAnswers(batch, servers);
    const seen = { service, servers, stopped, asked, answers, countersBefore, countersAfter };
    const phase = {
      title,
      stopped,
      requests: countRequests(asked, answers),
      servers: describeServers(seen),
      checks: judgePhase(seen),
    };
    this.phases.push(phase);
    return phase;
  }
}

/** Whole rotations, so that the shares come out exactly. */
function requestsFor(service: VirtualService): number {
  const { rotation } = expectedDistribution(service, { connections: REQUESTS });
  const length = Math.max(rotation?.length ?? 1, 1);
  return Math.min(Math.ceil(REQUESTS / length) * length, MAX_REQUESTS);
}
