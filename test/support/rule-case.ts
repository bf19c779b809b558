import { type Readings } from '../../src/diagnose/readings/readings.ts';

/** Readings in which exactly one cause is so: made of healthy ones by `make`. */
export interface RuleCase {
  readonly id: string;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly make: (readings: Readings) => void;
}

type Host = Readings['hosts'][string];

export function hostIn(readings: Readings, name: string): Host {
  const host = readings.hosts[name];
  if (host === undefined) throw new Error(`the sample has no ${name}`);
  return host;
}

export function liveIn(readings: Readings): Readings['lab']['service'] {
  const service = hostIn(readings, 'director').ipvs?.table?.services[0];
  if (service === undefined) throw new Error('the sample has no service');
  return service;
}

/** The service as the next boot loads it. */
export function savedIn(readings: Readings): Readings['lab']['service'] {
  const service = hostIn(readings, 'director').ipvs?.boot?.table?.services[0];
  if (service === undefined) throw new Error('the sample has no rules file');
  return service;
}
