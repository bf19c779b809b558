import { type Connection } from '../../engine/model/connection.ts';
import { type Observed, unknown, value } from '../../engine/model/resource.ts';
import { type Script } from '../../engine/model/shell/script.ts';
import { askedMark } from '../../ipvs/rules/rule-parts.ts';
import {
  areSameTotals,
  type CounterTotals,
  kernelTotals,
  type KernelTotals,
  listedTotals,
  type ListedTotals,
  totalsBetween,
} from '../../ipvs/table/counter-totals.ts';
import { parseCounters, type ServiceCounters } from '../../ipvs/table/counters.ts';
import { serviceKey, type VirtualService } from '../../ipvs/virtual-service.ts';
import { counterScripts } from './counter-scripts.ts';
import { observeParts, parsed, type VerifyContext } from './observe-parts.ts';

/** The kernel's estimator hands counters over every two seconds; later than that all that happened before is in them. */
const ESTIMATOR_SECONDS = 3;
/** How long it is waited for that nobody uses the VIP any more. */
const MOST_SECONDS = 7 * ESTIMATOR_SECONDS;
/** How soon they are read again where they may be complete before the estimator's time is over. */
const POLL_SECONDS = 0.25;

/** One reading: the service's counters, and what tells whether they are complete. */
interface Reading {
  readonly service: ServiceCounters;
  readonly listed: ListedTotals;
  /** The kernel's own totals, before and after the listing was read; undefined where it has none. */
  readonly totals: { readonly before: KernelTotals; readonly after: KernelTotals } | undefined;
  /** Whether the estimator takes all counters in one go, as Linux did before 6.2. */
  readonly inOneGo: boolean;
}

/** What is read of a director, beside its connection. */
export interface CountersQuestion extends VerifyContext {
  readonly service: VirtualService;
}

/**
 * Reads the counters of a service as soon as they are at rest: nothing is counted any more, and all that was counted is in
 * them. They lag behind by up to two seconds, the kernel's totals for each processor don't: those tell when the estimator has
 * come round. Where they don't, it is waited for until that must have happened.
 */
export class CountersAtRest {
  readonly #director: Connection;
  readonly #question: CountersQuestion;
  /** What a complete listing lacked of the totals: what services and servers had that are gone. Nothing, until one was seen. */
  #lack: ListedTotals = { services: NOTHING, servers: NOTHING };

  constructor(director: Connection, question: CountersQuestion) {
    this.#director = director;
    this.#question = question;
  }

  /**
   * @param connections how many the service should have counted by now. Where it has others, it is waited for longer: a host
   * that is slow, or somebody else who uses the VIP.
   */
  async read(connections?: number): Promise<Observed<ServiceCounters>> {
    return await this.#restAfter((await this.#ask(0)).reading, connections);
  }

  /** The same, and what these scripts print on the director, in one session. */
  async readWith(scripts: readonly Script[]): Promise<{
    readonly counters: Observed<ServiceCounters>;
    /** Of each script what it printed, in order. */
    readonly outputs: readonly Observed<string>[];
  }> {
    const { reading, outputs } = await this.#ask(0, scripts);
    return { counters: await this.#restAfter(reading), outputs };
  }

  async #restAfter(
    first: Observed<Reading>,
    connections?: number,
  ): Promise<Observed<ServiceCounters>> {
    let previous: Reading | undefined;
    let pause = 0;
    const rest = new Rest();
    for (let waited = 0; waited <= MOST_SECONDS; waited += pause) {
      const reading = previous === undefined ? first : (await this.#ask(pause)).reading;
      if (reading.kind !== 'value') return reading;
      const now = reading.value;
      rest.goOn(pause, previous, now);
      const isExpected =
        connections === undefined ? undefined : connections === now.service.connections;
      if ((isExpected !== false && this.#isComplete(now)) || rest.isOver(isExpected)) {
        this.#lack = lackOf(now) ?? this.#lack;
        return value(now.service);
      }
      pause = nextPause(now, pause);
      previous = now;
    }
    return unknown('the counters do not come to rest: something else uses the VIP as well');
  }

  /** Whether all that was counted is in the listing. */
  #isComplete(now: Reading): boolean {
    const { totals, inOneGo } = now;
    const lack = lackOf(now);
    if (totals === undefined || lack === undefined) return false;
    const { before, after } = totals;
    // The estimator had come round before the listing was read, and nothing was counted until after it.
    const hasComeRound = areSameTotals(before.current, before.estimated);
    if (inOneGo && hasComeRound && areSameTotals(before.current, after.current)) return true;
    // What is listed is never more than what was counted: where no more is lacking than ever, nothing lags behind.
    return (
      areSameTotals(lack.services, this.#lack.services) &&
      areSameTotals(lack.servers, this.#lack.servers)
    );
  }

  async #ask(
    pause: number,
    more: readonly Script[] = [],
  ): Promise<{
    readonly reading: Observed<Reading>;
    readonly outputs: readonly Observed<string>[];
  }> {
    const own = counterScripts(pause);
    const { service, ...context } = this.#question;
    const all = await observeParts(this.#director, [...own, ...more], context);
    return { reading: readingOf(all, service), outputs: all.slice(own.length) };
  }
}

/** Reads what `counterScripts` printed. */
function readingOf(
  [before, listing, after, ticks]: readonly Observed<string>[],
  service: VirtualService,
): Observed<Reading> {
  const [first, second] = [before, after].map((read) =>
    read?.kind === 'value' ? kernelTotals(read.value) : undefined,
  );
  return parsed(listing, (text) => ({
    service: findService(text, service),
    listed: listedTotals(text),
    totals:
      first === undefined || second === undefined ? undefined : { before: first, after: second },
    inOneGo: ticks?.kind !== 'value',
  }));
}

const NOTHING: CounterTotals = { connections: 0, packetsIn: 0, packetsOut: 0 };

/** What the listing lacks of the totals that were read after it. */
function lackOf({ totals, listed }: Reading): ListedTotals | undefined {
  if (totals === undefined) return undefined;
  const { current } = totals.after;
  return {
    services: totalsBetween(current, listed.services),
    servers: totalsBetween(current, listed.servers),
  };
}

function haveSameTotals(a: Reading | undefined, b: Reading): boolean {
  if (a?.totals === undefined || b.totals === undefined) return false;
  return areSameTotals(a.totals.after.current, b.totals.after.current);
}

/** Often while the next reading may do, else less and less often. */
function nextPause({ totals }: Reading, last: number): number {
  if (totals === undefined) return ESTIMATOR_SECONDS;
  return Math.min(Math.max(POLL_SECONDS, 2 * last), ESTIMATOR_SECONDS / 2);
}

/** For how long nothing has changed, in seconds. */
class Rest {
  /** All that IPVS counts. */
  #all = 0;
  /** The connections of the service. */
  #service = 0;
  /** Since when it is read. */
  #began = 0;

  goOn(seconds: number, previous: Reading | undefined, now: Reading): void {
    this.#began += seconds;
    this.#all = haveSameTotals(previous, now) ? this.#all + seconds : 0;
    const isSame = previous?.service.connections === now.service.connections;
    this.#service = isSame ? this.#service + seconds : 0;
  }

  /**
   * Whether the estimator has come round since the last change for certain. Others may use other services meanwhile; of this
   * one alone, two readings may be the same before it came round, so it takes a second time where more was expected.
   */
  isOver(isExpected: boolean | undefined): boolean {
    if (this.#all >= ESTIMATOR_SECONDS) return true;
    if (isExpected === undefined) return this.#service >= ESTIMATOR_SECONDS;
    return isExpected ? this.#began >= ESTIMATOR_SECONDS : this.#service >= 2 * ESTIMATOR_SECONDS;
  }
}

function findService(output: string, service: VirtualService): ServiceCounters {
  const found = parseCounters(output, askedMark(service)).find(
    (counted) => serviceKey(counted) === serviceKey(service),
  );
  if (found === undefined) throw new Error(`IPVS has no service ${serviceKey(service)}`);
  return found;
}
