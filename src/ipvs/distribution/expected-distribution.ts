import { hasThresholds } from '../thresholds.ts';
import { rotationOf, type Rotation } from './rotation.ts';
import { type Destination, endpoint, type VirtualService } from '../virtual-service.ts';

/** New connections as a test makes them: one after the other, each closed before the next is opened. */
export interface Traffic {
  readonly connections: number;
  /** How many different client addresses they come from; 1 when left out. */
  readonly clients?: number;
}

/** How many of the connections one server may get, both bounds included. */
export interface Share {
  /** 'ADDRESS:PORT'. */
  readonly server: string;
  readonly weight: number;
  readonly min: number;
  readonly max: number;
}

/** What a service should do with some traffic, and why. */
export interface Expectation {
  readonly connections: number;
  readonly shares: readonly Share[];
  /** The order is known as well, whatever the place in it where the traffic begins. */
  readonly rotation?: Rotation;
  /** One server, it isn't known which, gets every connection. */
  readonly allOnOne?: true;
  /** One or two sentences for people. */
  readonly reason: string;
}

interface Rule {
  readonly bounds: (server: Destination) => { readonly min: number; readonly max: number };
  readonly rotation?: Rotation;
  readonly allOnOne?: true;
  readonly reason: string;
}

/** A share this many standard deviations off its mean is no accident: less than once in a million runs. */
const DEVIATIONS = 5;

/** What the service's scheduler should make of the traffic. Servers of weight 0 never get a connection. */
export function expectedDistribution(service: VirtualService, traffic: Traffic): Expectation {
  const { connections } = traffic;
  const active = service.destinations.filter(({ weight }) => weight > 0);
  const { bounds, ...rest } = ruleFor(service, active, traffic);
  return {
    connections,
    ...rest,
    shares: service.destinations.map((server) => ({
      server: endpoint(server),
      weight: server.weight,
      ...(server.weight === 0 ? { min: 0, max: 0 } : bounds(server)),
    })),
  };
}

type RuleOf = (active: readonly Destination[], traffic: Traffic, options: string) => Rule;

const rules: ReadonlyMap<string, RuleOf> = new Map<string, RuleOf>([
  ['rr', (active, traffic) => inRotation('rr', active, traffic)],
  ['wrr', (active, traffic) => inRotation('wrr', active, traffic)],
  ['sh', (active, traffic, options) => hashed('sh', active, traffic, options)],
  ['mh', (active, traffic, options) => hashed('mh', active, traffic, options)],
  ['dh', (active, traffic) => byRequestedAddress('dh', active, traffic)],
  ['lblc', (active, traffic) => byRequestedAddress('lblc', active, traffic)],
  ['lblcr', (active, traffic) => byRequestedAddress('lblcr', active, traffic)],
  ['sed', (active, traffic) => heaviest('sed', active, traffic)],
  ['fo', (active, traffic) => heaviest('fo', active, traffic)],
  ['ovf', (active, traffic) => heaviest('ovf', active, traffic)],
  ['nq', (active, traffic) => allOnOne(active, traffic, NEVER_QUEUE)],
  ['lc', (active, traffic) => evenly(active, traffic)],
  ['wlc', (active, traffic) => byWeight(active, traffic, `wlc ${EVENS_OUT}, by weight.`)],
  ['twos', (active, traffic) => byWeight(active, traffic, `twos ${EVENS_OUT}, by weight.`)],
]);

const NEVER_QUEUE = 'nq takes the first idle server, and between two connections all are idle.';
const EVENS_OUT = 'evens out the connections of the last two minutes, closed ones included';

function ruleFor(service: VirtualService, active: readonly Destination[], traffic: Traffic): Rule {
  const { scheduler, options = '' } = service;
  if (active.length === 0)
    return anything(traffic, 'All weights are 0: no server takes connections.');
  if (/(^| )-p( |$)/.test(options)) {
    return oneEachClient(
      active,
      traffic,
      'The service is persistent: a client stays on its server.',
    );
  }
  if (hasThresholds({ destinations: active }))
    return anything(traffic, 'A server that has reached its upper threshold gets no more.');
  const rule = rules.get(scheduler);
  return rule === undefined
    ? anything(traffic, `Nothing is known of the scheduler ${scheduler}.`)
    : rule(active, traffic, options);
}

function hashed(
  scheduler: 'sh' | 'mh',
  active: readonly Destination[],
  traffic: Traffic,
  options: string,
): Rule {
  return options.includes(`${scheduler}-port`)
    ? byWeight(active, traffic, `${scheduler} hashes the client's address and port here.`)
    : oneEachClient(
        active,
        traffic,
        `${scheduler} hashes the client's address: a client stays on its server.`,
      );
}

function byRequestedAddress(
  scheduler: string,
  active: readonly Destination[],
  traffic: Traffic,
): Rule {
  return allOnOne(
    active,
    traffic,
    `${scheduler} chooses by the requested address, and the VIP is only one.`,
  );
}

function evenly(active: readonly Destination[], traffic: Traffic): Rule {
  const alike = active.map((server) => ({ ...server, weight: 1 }));
  return byWeight(alike, traffic, `lc ${EVENS_OUT}; weights don't count.`);
}

function inRotation(
  scheduler: 'rr' | 'wrr',
  active: readonly Destination[],
  { connections }: Traffic,
): Rule {
  const rotation = rotationOf(scheduler, active);
  const rounds = Math.floor(connections / Math.max(rotation.length, 1));
  const rest = connections - rounds * rotation.length;
  const shares = [...rotation.shares].map(([server, share]) => `${share} for ${server}`);
  return {
    rotation,
    reason: `${scheduler} goes round: of any ${rotation.length} connections in a row, ${shares.join(', ')}.`,
    bounds: (server) => {
      const share = rotation.shares.get(endpoint(server)) ?? 0;
      return {
        min: rounds * share + Math.max(0, rest - (rotation.length - share)),
        max: rounds * share + Math.min(rest, share),
      };
    },
  };
}

function oneEachClient(active: readonly Destination[], traffic: Traffic, reason: string): Rule {
  return (traffic.clients ?? 1) === 1
    ? allOnOne(active, traffic, reason)
    : anything(traffic, reason);
}

function allOnOne(active: readonly Destination[], { connections }: Traffic, reason: string): Rule {
  const min = active.length === 1 ? connections : 0;
  return { reason, allOnOne: true, bounds: () => ({ min, max: connections }) };
}

function heaviest(scheduler: string, active: readonly Destination[], traffic: Traffic): Rule {
  const greatest = Math.max(...active.map(({ weight }) => weight));
  const chosen = active.filter(({ weight }) => weight === greatest);
  const reason = `With one connection at a time, ${scheduler} stays on the first server of the greatest weight.`;
  const among = allOnOne(chosen, traffic, reason);
  return {
    ...among,
    bounds: (server) => (server.weight === greatest ? among.bounds(server) : { min: 0, max: 0 }),
  };
}

function byWeight(active: readonly Destination[], { connections }: Traffic, reason: string): Rule {
  const weights = new Map(active.map((server) => [endpoint(server), server.weight]));
  const total = active.reduce((sum, { weight }) => sum + weight, 0);
  return {
    reason: `${reason} The bounds allow for chance and for what came before.`,
    bounds: (server) => {
      const share = (weights.get(endpoint(server)) ?? 0) / total;
      const slack =
        DEVIATIONS * Math.sqrt(connections * share * (1 - share)) + (active.length > 1 ? 1 : 0);
      return {
        min: Math.max(0, Math.floor(connections * share - slack)),
        max: Math.min(connections, Math.ceil(connections * share + slack)),
      };
    },
  };
}

function anything({ connections }: Traffic, reason: string): Rule {
  return { reason, bounds: () => ({ min: 0, max: connections }) };
}
