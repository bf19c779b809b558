import { type Readings } from '../../../src/diagnose/readings/readings.ts';

/** Readings in which exactly one cause is so: made of healthy ones by `make`. */
export interface RuleCase {
  readonly id: string;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly make: (readings: Readings) => void;
}

type Host = Readings['hosts'][string];
type Service = Readings['lab']['service'];

export function hostIn(readings: Readings, name: string): Host {
  const host = readings.hosts[name];
  if (host === undefined) throw new Error(`the sample has no ${name}`);
  return host;
}

/** The service as the kernel has it. */
export function liveIn(readings: Readings): Service {
  return firstOf(hostIn(readings, 'director').ipvs?.table);
}

/** The service as the next boot loads it. */
export function savedIn(readings: Readings): Service {
  return firstOf(hostIn(readings, 'director').ipvs?.boot?.table);
}

function firstOf(table: { readonly services: readonly Service[] } | undefined): Service {
  const [service] = table?.services ?? [];
  if (service === undefined) throw new Error('the sample has no service');
  return service;
}

/** A unit of the host runs, and does not start at boot. */
export function disableUnit(readings: Readings, host: string, unit: string): void {
  const reading = hostIn(readings, host);
  reading.units = {
    ...reading.units,
    [unit]: { load: 'loaded', active: 'active', enabled: 'disabled' },
  };
}
