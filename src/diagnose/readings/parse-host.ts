import { type Observed } from '../../engine/model/resource.ts';
import { type VirtualService } from '../../ipvs/virtual-service.ts';
import {
  linesOf,
  parseAddresses,
  parseCounters,
  parseLinks,
  parseNeighbours,
  parseSockets,
  parseUdpSockets,
  parseWay,
} from './parse-network.ts';
import { parseBootSettings, parseSettings, parseUnits } from './parse-system.ts';
import { parseFilters } from './parse-filters.ts';
import { parseBoot, parseConnections, parseServiceCounters, parseTable } from './parse-ipvs.ts';
import { type HostReading, hostReading, type IpvsReading } from './readings.ts';

/** What was printed, by the name of its script. */
export type Printed = ReadonlyMap<string, Observed<string>>;

/**
 * Makes a reading of what a host printed before and after the requests. What could not be read, and what is no such
 * thing, is left out: a host says what it likes.
 */
export function readingOf(
  { before, after }: { readonly before: Printed; readonly after: Printed },
  service: VirtualService,
): HostReading {
  const part = parser(after);
  const was = parser(before);
  const sockets = part('sockets', parseSockets) ?? {};
  const ipvs = ipvsOf({ part, was }, service);
  const fields = {
    addresses: part('addresses', parseAddresses),
    links: part('links', parseLinks),
    routes: ways(after),
    defaultRoutes: part('default routes', (text) => linesOf(text).map((line) => line.trim())),
    neighbours: part('neighbours', parseNeighbours),
    settings: part('settings', parseSettings),
    bootSettings: part('boot settings', parseBootSettings),
    countersBefore: was('counters', parseCounters),
    countersAfter: part('counters', parseCounters),
    filtersBefore: was('filters', parseFilters),
    filtersAfter: part('filters', parseFilters),
    ...sockets,
    udpListeners: part('udp sockets', parseUdpSockets),
    units: part('units', parseUnits),
    kernel: part('kernel', (text) => text.trim()),
    ipip: part('ipip support', (text) => text.trim()),
    ipvs,
    reached: part('requests', reached),
    isProvisioned: part('journal', (text) => text.trim() === 'yes'),
    keepalived: part('keepalived', (text) => linesOf(text).map((line) => line.trim())),
  };
  return keptOf(fields);
}

type Part = <T>(name: string, parse: (text: string) => T) => T | undefined;

function parser(printed: Printed): Part {
  return (name, parse) => {
    const found = printed.get(name);
    if (found?.kind !== 'value') return undefined;
    try {
      return parse(found.value);
    } catch {
      // What is no such thing tells nothing; that it is missing is seen in the reading.
      return undefined;
    }
  };
}

function ipvsOf(
  { part, was }: { readonly part: Part; readonly was: Part },
  service: VirtualService,
): IpvsReading | undefined {
  const said = part('ipvs support', (text) => text.trim());
  const support = (['loaded', 'loadable', 'missing'] as const).find((one) => one === said);
  if (support === undefined) return undefined;
  const counters = (text: string): IpvsReading['before'] => parseServiceCounters(text, service);
  const fields = {
    table: part('ipvs table', parseTable),
    before: was('ipvs counters', counters),
    after: part('ipvs counters', counters),
    connections: part('ipvs connections', parseConnections),
    boot: part('ipvs at boot', parseBoot),
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { support, ...(Object.fromEntries(given) as Omit<IpvsReading, 'support'>) };
}

const WAY = 'way to ';

function ways(printed: Printed): HostReading['routes'] {
  const found = [...printed].flatMap(([name, read]) =>
    name.startsWith(WAY) && read.kind === 'value'
      ? [[name.slice(WAY.length), parseWay(read.value)] as const]
      : [],
  );
  return Object.fromEntries(found);
}

/** Reads lines 'ADDRESS:PORT STATUS'. */
function reached(text: string): HostReading['reached'] {
  const found = linesOf(text).flatMap((line) => {
    const [, server, status] = /^(\S+) (\d{1,3})$/.exec(line) ?? [];
    return server === undefined ? [] : [[server, Number(status)] as const];
  });
  return Object.fromEntries(found);
}

/** The fields that hold what their schema allows. */
function keptOf(fields: Readonly<Record<string, unknown>>): HostReading {
  const { shape } = hostReading;
  const kept = Object.entries(fields).filter(
    ([name, value]) =>
      value !== undefined &&
      Object.hasOwn(shape, name) &&
      shape[name as keyof typeof shape].safeParse(value).success,
  );
  return hostReading.parse(Object.fromEntries(kept));
}
