import { type Measurement } from '../measure/result.ts';
import { middle, number, type Row, table, wall } from './figures.ts';

/** So many hosts nobody has measured here. */
const MANY = 5000;

/** What a plan for many hosts uses of something, and how much of it there usually is. */
interface Supply {
  readonly what: string;
  readonly fixed: number;
  readonly perHost: number;
  readonly unit: string;
  readonly limit: number;
  readonly why: string;
}

/** How lvslab's use of the controller grows from the smallest fleet to the largest: a straight line. */
function slope(
  fleet: readonly Measurement[],
  figure: (one: Measurement) => number,
): { readonly fixed: number; readonly perHost: number } {
  const [few, many] = [fleet[0], fleet.at(-1)];
  if (few === undefined || many === undefined || few === many) return { fixed: NaN, perHost: NaN };
  const perHost = Math.max(0, (figure(many) - figure(few)) / (many.hosts - few.hosts));
  return { fixed: figure(few) - perHost * few.hosts, perHost };
}

/** What a fleet of 5,000 hosts would use by what was measured, and what is used up first. */
export function renderOnPaper(all: readonly Measurement[]): string {
  const fleet = all
    .filter(({ task, by, runs }) => task === 'fleet' && by === 'lvslab' && runs.length > 0)
    .sort((a, b) => a.hosts - b.hosts);
  if (fleet.length < 2) return 'This takes a fleet of two sizes at least.';
  const rows = suppliesOf(fleet)
    .map((supply) => ({ supply, most: (supply.limit - supply.fixed) / supply.perHost }))
    .filter(({ supply }) => Number.isFinite(supply.perHost))
    .sort((a, b) => a.most - b.most)
    .map(({ supply: { what, fixed, perHost, unit, limit, why }, most }): Row => [
      what,
      amount(perHost, unit),
      amount(fixed + perHost * MANY, unit),
      `${amount(limit, unit)}: ${why}`,
      Number.isFinite(most) && most < 1e6 ? number(Math.floor(most)) : 'no number that matters',
    ]);
  const head = ['what', 'each host', `${MANY} hosts`, 'usual limit', 'hosts that it is enough for'];
  return table([head, ...rows]);
}

function suppliesOf(fleet: readonly Measurement[]): readonly Supply[] {
  const memory = slope(fleet, (one) => middle(one, (run) => run.peakKiB) / 1024);
  const processor = slope(fleet, (one) => middle(one, (run) => run.cpuMs) / 1000);
  const connections = slope(fleet, (one) => middle(one, (run) => run.connections ?? NaN));
  const time = slope(fleet, (one) => middle(one, wall) / 1000);
  return [
    {
      ...{ what: 'neighbours, where all hosts are in one network', fixed: 1, perHost: 1, unit: '' },
      ...{ limit: 1024, why: '`net.ipv4.neigh.default.gc_thresh3`' },
    },
    {
      ...{ what: 'connections at the same time', ...connections, unit: '' },
      ...{ limit: 28_232, why: 'local ports, where all hosts are behind one address; else none' },
    },
    {
      ...{ what: 'file descriptors', ...connections, unit: '' },
      ...{ limit: 524_288, why: "systemd's hard limit, to which Node raises its own" },
    },
    { what: 'memory', ...memory, unit: ' MiB', limit: 4096, why: "Node's heap, on 16 GiB" },
    {
      ...{ what: 'processor time of the controller', ...processor, unit: ' s' },
      ...{ limit: 600, why: 'ten minutes of one core, which is all that Node uses' },
    },
    {
      ...{ what: 'time, with hosts and controller on this machine', ...time, unit: ' s' },
      ...{ limit: 3600, why: 'an hour' },
    },
  ];
}

function amount(value: number, unit: string): string {
  return `${number(value, value !== 0 && Math.abs(value) < 10 && !Number.isInteger(value) ? 3 : 0)}${unit}`;
}
