import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../../src/diagnose/diagnosis.ts';
import { readings as schema, type Readings } from '../../../src/diagnose/readings/readings.ts';
import { rules } from '../../../src/diagnose/rules/rules.ts';
import { hostIn, liveIn, type RuleCase, savedIn } from '../../support/rules/rule-case.ts';
import { ruleCases } from '../../support/rules/rule-cases.ts';
import { changeMode, sampleReadings } from '../../support/samples/sample-readings.ts';

function made(...cases: readonly RuleCase[]): Readings {
  const readings = sampleReadings();
  for (const { make } of cases) make(readings);
  return readings;
}

test('a lab that works is healthy, with every cause of its mode ruled out', () => {
  const { causes, notTold, verdict, ruledOut } = diagnose(sampleReadings());
  expect({ causes, notTold, verdict }).toEqual({ causes: [], notTold: [], verdict: 'healthy' });
  expect(ruledOut).toHaveLength(rules.filter(({ modes }) => modes.includes('nat')).length);
});

test.each(['dr', 'tun'] as const)('a lab of %s that works is healthy as well', (mode) => {
  const readings = sampleReadings();
  changeMode(readings, mode);
  const { causes, notTold, verdict } = diagnose(readings);
  expect({ causes, notTold, verdict }).toEqual({ causes: [], notTold: [], verdict: 'healthy' });
});

/** Healthy labs that look unusual. */
test.each<[string, (readings: Readings) => void]>([
  [
    'a server at rest, as the inventory has it',
    (readings) => {
      for (const service of [readings.lab.service, liveIn(readings), savedIn(readings)])
        for (const one of service.destinations.slice(0, 1)) one.weight = 0;
      for (const server of readings.lab.servers.slice(0, 1)) server.weight = 0;
      for (const result of readings.requests?.results ?? []) result.server = 'rs2';
    },
  ],
  [
    'persistence, as the inventory has it',
    (readings) => {
      for (const service of [readings.lab.service, liveIn(readings)]) service.options = '-p 300';
      for (const result of readings.requests?.results ?? []) result.server = 'rs1';
    },
  ],
  [
    'a busy director, whose filter stops strangers meanwhile',
    (readings) => {
      const rule = {
        chain: 'ip filter INPUT',
        hook: 'input',
        rule: '-j DROP',
        verdict: 'drop' as const,
      };
      const director = hostIn(readings, 'director');
      director.filtersBefore = [{ ...rule, packets: 10 }];
      director.filtersAfter = [{ ...rule, packets: 900 }];
      director.countersAfter = { ...director.countersAfter, IpInAddrErrors: 12 };
    },
  ],
  [
    'set up by others, with a scheduler and weights that the inventory leaves out',
    (readings) => {
      for (const host of Object.values(readings.hosts)) host.isProvisioned = false;
      const live = liveIn(readings);
      live.scheduler = 'wlc';
      for (const destination of live.destinations) destination.weight = 5;
      const boot = hostIn(readings, 'director').ipvs?.boot;
      if (boot !== undefined) boot.table = { services: [structuredClone(live)], foreign: [] };
      for (const result of readings.requests?.results ?? []) delete result.server;
    },
  ],
  [
    'set up by lvslab, with weights that its short inventory leaves out',
    (readings) => {
      readings.lab.isShort = true;
      const live = liveIn(readings);
      live.scheduler = 'wlc';
      for (const destination of live.destinations) destination.weight = 5;
      for (const result of readings.requests?.results ?? []) delete result.server;
    },
  ],
  [
    'another web server than nginx, which every boot starts',
    (readings) => {
      for (const name of ['rs1', 'rs2'])
        hostIn(readings, name).units = {
          'nginx.service': { load: 'not-found', active: 'inactive', enabled: '' },
          'apache2.service': { load: 'loaded', active: 'active', enabled: 'enabled' },
        };
    },
  ],
  [
    'a client behind a router, with strict rp_filter everywhere',
    (readings) => {
      hostIn(readings, 'client').neighbours = {};
      for (const host of Object.values(readings.hosts))
        host.settings = { ...host.settings, 'net.ipv4.conf.all.rp_filter': '1' };
    },
  ],
])('healthy: %s', (_, make) => {
  const readings = sampleReadings();
  make(readings);
  const { causes, verdict } = diagnose(readings);
  expect({ causes, verdict }).toEqual({ causes: [], verdict: 'healthy' });
});

test('the sample is what readings look like', () => {
  expect(schema.safeParse(sampleReadings()).error).toBeUndefined();
});

test('every rule has a case, and ids are given once', () => {
  const ids = rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...new Set(ruleCases.map(({ id }) => id))].toSorted()).toEqual(ids.toSorted());
});

describe.each(ruleCases)('$id, $name', (one) => {
  test('is named, and nothing else is', () => {
    const { causes, verdict } = diagnose(made(one));
    expect(causes.map(({ id, host }) => `${id} ${host}`)).toEqual(
      one.hosts.map((host) => `${one.id} ${host}`),
    );
    expect(verdict).toBe('named');
  });

  test('comes with what shows it and with what mends it', () => {
    for (const { proof, mend, cause, what } of diagnose(made(one)).causes) {
      expect(proof.length).toBeGreaterThan(0);
      expect(mend.length).toBeGreaterThan(0);
      expect(`${cause}${what}`).not.toMatch(/undefined|\[object|NaN|\.$/);
      expect(mend.map(({ command }) => command).join('\n')).not.toMatch(/undefined|NaN/);
    }
  });
});
