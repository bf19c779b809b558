import { type Observed } from '../../../engine/model/resource.ts';
import { type VirtualService } from '../../../ipvs/virtual-service.ts';
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
import { parseMarks } from './parse-marks.ts';
import { parseBoot, parseConnections, parseServiceCounters, parseTable } from './parse-ipvs.ts';
import { addressOfWay, type PartName } from '../reading-parts.ts';
import { type HostReading, hostReading, type IpvsReading } from '../readings.ts';

/** What was printed, by the name of its script. */
export type Printed = ReadonlyMap<string, Observed<string>>;

/** What a host's output comes to. */
interface ParsedHost {
  readonly reading: HostReading;
  /** What was asked and could not be read, by the name of its part, and why. */
  readonly unread: Readonly<Record<string, string>>;
}

/**
 * Makes a reading of what a host printed before and after the requests. What could not be read, and what is no such
 * thing, is left out, and told by the name of its part: a host says what it likes.
 */
export function readingOf(
  { before, after }: { readonly before: Printed; readonly after: Printed },
  service: VirtualService,
): ParsedHost {
  const unread = new Map<string, string>();
  const part = parser(after, unread);
  const was = parser(before, unread);
  const sockets = part('sockets', parseSockets) ?? {};
  const ipvs = ipvsOf({ part, was }, service);
  const fields = {
    addresses: part('addresses', filled(parseAddresses)),
    links: part('links', filled(parseLinks)),
    routes: ways(after, unread),
    defaultRoutes: part('default routes', (text) => linesOf(text).map((line) => line.trim())),
    neighbours: part('neighbours', parseNeighbours),
    settings: part('settings', settingsIn),
    bootSettings: part('boot settings', parseBootSettings),
    countersBefore: was('counters', filled(parseCounters)),
    countersAfter: part('counters', filled(parseCounters)),
    filtersBefore: was('filters', parseFilters),
    filtersAfter: part('filters', parseFilters),
    ...sockets,
    udpListeners: part('udp sockets', parseUdpSockets),
    units: part('units', filled(parseUnits)),
    kernel: part('kernel', (text) => text.trim()),
    ipip: part('ipip support', (text) => text.trim()),
    ipvs,
    reached: part('requests', reached),
    answers: part('requests', answers),
    marks: part('packet marks', parseMarks),
    isProvisioned: part('journal', (text) => text.trim() === 'yes'),
    keepalived: part('keepalived', (text) => linesOf(text).map((line) => line.trim())),
  };
  const reading = keptOf(fields, unread);
  return { reading, unread: Object.fromEntries(unread) };
}

type Part = <T>(name: PartName, parse: (text: string) => T) => T | undefined;

/** More of a reason is no help. */
const LONGEST_REASON = 200;
const NO_SUCH_THING = 'what it printed is no such thing';

/** @param unread is told of what can't be read. */
function parser(printed: Printed, unread: Map<string, string>): Part {
  return (name, parse) => {
    const found = printed.get(name);
    if (found === undefined) return undefined;
    if (found.kind !== 'value') {
      unread.set(name, reasonOf(found));
      return undefined;
    }
    try {
      return parse(found.value);
    } catch {
      unread.set(name, NO_SUCH_THING);
      return undefined;
    }
  };
}

function reasonOf(found: Exclude<Observed<string>, { kind: 'value' }>): string {
  const reason = found.kind === 'unknown' ? found.reason : 'not there';
  return reason.slice(0, LONGEST_REASON);
}

/** Of what every host has some: where none can be found, it was not read. */
function filled<T extends object>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    const found = parse(text);
    if (Object.keys(found).length === 0) throw new RangeError(NO_SUCH_THING);
    return found;
  };
}

/** Every kernel says whether it forwards. */
function settingsIn(text: string): NonNullable<HostReading['settings']> {
  const found = parseSettings(text);
  if (!Object.hasOwn(found, 'net.ipv4.ip_forward')) throw new RangeError(NO_SUCH_THING);
  return found;
}

function ipvsOf(
  { part, was }: { readonly part: Part; readonly was: Part },
  service: VirtualService,
): IpvsReading | undefined {
  const support = part('ipvs support', supportIn);
  if (support === undefined) return undefined;
  const counters = (text: string): IpvsReading['before'] => parseServiceCounters(text, service);
  const fields = {
    table: part('ipvs table', (text) => parseTable(text, service)),
    before: was('ipvs counters', counters),
    after: part('ipvs counters', counters),
    connections: part('ipvs connections', parseConnections),
    boot: part('ipvs at boot', (text) => parseBoot(text, service)),
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { support, ...(Object.fromEntries(given) as Omit<IpvsReading, 'support'>) };
}

function supportIn(text: string): IpvsReading['support'] {
  const said = text.trim();
  const support = (['loaded', 'loadable', 'missing'] as const).find((one) => one === said);
  if (support === undefined) throw new RangeError(NO_SUCH_THING);
  return support;
}

function ways(printed: Printed, unread: Map<string, string>): HostReading['routes'] {
  const found = [...printed].flatMap(([name, read]) => {
    const address = addressOfWay(name);
    if (address === undefined) return [];
    if (read.kind === 'value') return [[address, parseWay(read.value)] as const];
    unread.set(name, reasonOf(read));
    return [];
  });
  return Object.fromEntries(found);
}

/** Reads the exit statuses in lines 'ADDRESS:PORT STATUS ANSWER'; an earlier version wrote none of the answers. */
function reached(text: string): HostReading['reached'] {
  return numbersIn(text, /^(\S+) (\d{1,3})(?: \d{3})?$/);
}

/** Reads HTTP's statuses there; curl says 000 where no answer came. */
function answers(text: string): HostReading['answers'] {
  return numbersIn(text, /^(\S+) \d{1,3} ([1-5]\d\d)$/);
}

function numbersIn(text: string, line: RegExp): Readonly<Record<string, number>> {
  const found = linesOf(text).flatMap((one) => {
    const [, server, number] = line.exec(one) ?? [];
    return server === undefined ? [] : [[server, Number(number)] as const];
  });
  return Object.fromEntries(found);
}

/** The parts whose fields are called otherwise. */
const PART_OF: ReadonlyMap<string, PartName> = new Map([
  ['defaultRoutes', 'default routes'],
  ['bootSettings', 'boot settings'],
  ['countersBefore', 'counters'],
  ['countersAfter', 'counters'],
  ['filtersBefore', 'filters'],
  ['filtersAfter', 'filters'],
  ['listeners', 'sockets'],
  ['halfOpen', 'sockets'],
  ['udpListeners', 'udp sockets'],
  ['ipip', 'ipip support'],
  ['ipvs', 'ipvs table'],
  ['reached', 'requests'],
  ['answers', 'requests'],
  ['isProvisioned', 'journal'],
]);

/** The fields that hold what their schema allows. @param unread is told of the others. */
function keptOf(
  fields: Readonly<Record<string, unknown>>,
  unread: Map<string, string>,
): HostReading {
  const { shape } = hostReading;
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  const isAllowed = ([name, value]: readonly [string, unknown]): boolean =>
    Object.hasOwn(shape, name) && shape[name as keyof typeof shape].safeParse(value).success;
  for (const [name] of given.filter((field) => !isAllowed(field)))
    unread.set(PART_OF.get(name) ?? name, NO_SUCH_THING);
  return hostReading.parse(Object.fromEntries(given.filter(isAllowed)));
}
