import { expect, test } from '@jest/globals';
import { withEarlier } from '../../../bench/measure/earlier.ts';
import { type Measurement, type Result, type Run } from '../../../bench/measure/result.ts';

const run: Run = { wallMs: 1, cpuMs: 1, peakKiB: 1, failures: 0, warnings: 0 };

function measurement(task: string, by: string, hosts = 2): Measurement {
  return { task, by, hosts, delayMs: 0, runs: [run] };
}

function result(measurements: Measurement[], more: Partial<Result> = {}): Result {
  return {
    ...{ part: 'two', date: '2026-01-31', versions: { lvslab: '0.1.0', Node: '20' } },
    machine: { processor: 'one', cores: 2, memoryMiB: 4096, kernel: '6.1', load: 0 },
    measurements,
    ...more,
  };
}

function named({ measurements }: Result): readonly string[] {
  return measurements.map(({ task, by, hosts }) => `${task} ${by} ${hosts}`);
}

const drill = measurement('drill', 'lvslab');

test('what was not measured again is kept, and whoever takes turns in a task is measured again with all others', () => {
  const earlier = result([
    drill,
    measurement('verify', 'lvslab'),
    measurement('verify', 'Ansible'),
  ]);
  const now = result([measurement('verify', 'lvslab')]);
  expect(named(withEarlier(now, [earlier]))).toEqual(['drill lvslab 2', 'verify lvslab 2']);
});

test('each size of a fleet is a subject of its own', () => {
  const earlier = result([measurement('fleet', 'lvslab', 10), measurement('fleet', 'lvslab', 50)]);
  const now = result([measurement('fleet', 'lvslab', 50), measurement('fleet', 'lvslab', 500)]);
  expect(named(withEarlier(now, [earlier]))).toEqual([
    'fleet lvslab 10',
    'fleet lvslab 50',
    'fleet lvslab 500',
  ]);
});

test.each([
  { name: 'another kernel', earlier: { machine: { ...result([]).machine, kernel: '6.2' } } },
  { name: 'another version of Node', earlier: { versions: { lvslab: '0.1.0', Node: '22' } } },
  { name: 'a program more', earlier: { versions: { ...result([]).versions, Ansible: '2' } } },
  { name: 'another part', earlier: { part: 'fleet' as const } },
])('nothing is kept of $name', ({ earlier }) => {
  const now = result([measurement('verify', 'lvslab')]);
  expect(withEarlier(now, [result([drill], earlier)])).toEqual(now);
});

test('a load and a day of their own do not part two results', () => {
  const machine = { ...result([]).machine, load: 9 };
  const earlier = result([drill], { machine, date: '2025-12-31' });
  expect(named(withEarlier(result([]), [earlier]))).toEqual(['drill lvslab 2']);
});
