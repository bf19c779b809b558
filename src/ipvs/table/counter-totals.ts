import { IpvsSyntaxError } from '../ipvs-syntax-error.ts';
import { listingRows } from './listing-rows.ts';

/** What IPVS counted, all of its services taken together. */
export interface CounterTotals {
  readonly connections: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
}

/** The sums of a listing: of its services and of their servers, those of kinds that lvslab doesn't set up included. */
export interface ListedTotals {
  readonly services: CounterTotals;
  readonly servers: CounterTotals;
}

const NOTHING: CounterTotals = { connections: 0, packetsIn: 0, packetsOut: 0 };
const COUNTERS = 5;

/**
 * Adds up `ipvsadm -Ln --stats --exact`.
 * @throws IpvsSyntaxError
 */
export function listedTotals(text: string): ListedTotals {
  let [services, servers] = [NOTHING, NOTHING];
  for (const { line, words } of listingRows(text)) {
    const numbers = words.slice(-COUNTERS);
    if (words.length <= COUNTERS || !numbers.every((word) => /^\d{1,15}$/.test(word))) {
      throw new IpvsSyntaxError(line, 'five exact counters expected');
    }
    const [connections = 0, packetsIn = 0, packetsOut = 0] = numbers.map(Number);
    const row = { connections, packetsIn, packetsOut };
    if (words[0] === '->') servers = add(servers, row);
    else services = add(services, row);
  }
  return { services, servers };
}

/** All services taken together, by the kernel's own word. */
export interface KernelTotals {
  /** As it is at that moment. */
  readonly current: CounterTotals;
  /** As the estimator added it up last; less what was there when somebody set the counters to zero. */
  readonly estimated: CounterTotals;
}

/**
 * Reads /proc/net/ip_vs_stats_percpu, where the kernel prints the counters of each processor as they are, and in the line '~'
 * the estimator's sum. All that `ipvsadm --stats` shows is the estimator's, who comes round every two seconds only.
 * @returns undefined where the text is something else: the file came with Linux 2.6.39.
 */
export function kernelTotals(text: string): KernelTotals | undefined {
  const rows = text.split('\n').map((row) => row.trim().split(/\s+/));
  const end = rows.findIndex(([first]) => first === '~');
  const estimated = end === -1 ? undefined : hexTotals(rows[end] ?? []);
  const processors = rows.slice(0, Math.max(end, 0)).flatMap((words) => {
    const totals = /^[\dA-F]+$/i.test(words[0] ?? '') ? hexTotals(words) : undefined;
    return totals === undefined ? [] : [totals];
  });
  if (estimated === undefined || processors.length === 0) return undefined;
  return { current: processors.reduce(add, NOTHING), estimated };
}

function hexTotals(words: readonly string[]): CounterTotals | undefined {
  const numbers = words.slice(1);
  if (numbers.length !== COUNTERS || !numbers.every((word) => /^[\dA-F]{1,13}$/i.test(word))) {
    return undefined;
  }
  const [connections = 0, packetsIn = 0, packetsOut = 0] = numbers.map((word) =>
    Number.parseInt(word, 16),
  );
  return { connections, packetsIn, packetsOut };
}

/** `a - b`, counter by counter. */
export function totalsBetween(a: CounterTotals, b: CounterTotals): CounterTotals {
  return {
    connections: a.connections - b.connections,
    packetsIn: a.packetsIn - b.packetsIn,
    packetsOut: a.packetsOut - b.packetsOut,
  };
}

export function areSameTotals(a: CounterTotals, b: CounterTotals): boolean {
  return (
    a.connections === b.connections && a.packetsIn === b.packetsIn && a.packetsOut === b.packetsOut
  );
}

function add(a: CounterTotals, b: CounterTotals): CounterTotals {
  return {
    connections: a.connections + b.connections,
    packetsIn: a.packetsIn + b.packetsIn,
    packetsOut: a.packetsOut + b.packetsOut,
  };
}
