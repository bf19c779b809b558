import { expect, test } from '@jest/globals';
import { type Measurement, type Result, type Run } from '../../../bench/measure/result.ts';
import { median } from '../../../bench/measure/statistics.ts';
import { renderChart } from '../../../bench/report/chart.ts';
import { find, middle, ratio, roundTrips, table, wall } from '../../../bench/report/figures.ts';
import { renderOnPaper } from '../../../bench/report/on-paper.ts';
import { renderPage, PAGE } from '../../../bench/report/page.ts';
import { renderTargets, verdictOf } from '../../../bench/report/targets.ts';
import { renderWhereItGoes } from '../../../bench/report/where-it-goes.ts';
import { usesOf } from '../../../bench/measure/processor-profile.ts';

function run(wallMs: number, more: Partial<Run> = {}): Run {
  return { wallMs, cpuMs: wallMs / 2, peakKiB: 102_400, failures: 0, warnings: 0, ...more };
}

function measured(more: Partial<Measurement>, walls: readonly number[] = [1000]): Measurement {
  const runs = walls.map((wall) => run(wall));
  return { task: 'green plan', by: 'lvslab', hosts: 2, delayMs: 0, runs, ...more };
}

test.each([
  { of: [3, 1, 2], is: 2 },
  { of: [4, 1, 2, 3], is: 2.5 },
  { of: [7], is: 7 },
  { of: [], is: NaN },
])('the median of $of is $is', ({ of, is }) => {
  expect(median(of)).toBe(is);
});

test('a ratio is that of runs which followed each other, and no run without another counts', () => {
  // The machine was ten times as slow for the second pair; it says the same.
  const one = measured({}, [200, 2000, 210]);
  const other = measured({ by: 'OpenSSH, true' }, [100, 1000]);
  expect(ratio(one, other)).toBe(2);
  expect(ratio(one, undefined)).toBeNaN();
});

test('a run that failed is no time of its task, and no half of a ratio', () => {
  const runs = [run(1000), run(3, { failures: 1 }), run(2000)];
  const one = measured({ runs });
  const other = measured({ by: 'OpenSSH, true' }, [500, 500, 500]);
  expect(middle(one, wall)).toBe(1500);
  expect(ratio(one, other)).toBe(3);
  const failed = measured({ runs: [run(3, { failures: 1 })] });
  expect(find([failed], {})).toBeUndefined();
});

test('round trips are what a delay adds, in delays', () => {
  const all = [measured({}, [1000]), measured({ delayMs: 50 }, [1600])];
  expect(roundTrips(all, { task: 'green plan', by: 'lvslab' }, 50)).toBe(12);
  expect(roundTrips(all, { task: 'green plan', by: 'lvslab' }, 400)).toBeNaN();
});

const shown = String;

test.each([
  { name: 'at its bound', value: 1.3, most: 1.3, verdict: 'met' },
  { name: 'a little over it', value: 1.31, most: 1.3, verdict: '**missed**, 1.01 times' },
  {
    name: 'under what it must be at least',
    value: 5,
    least: 20,
    verdict: '**missed**, 4.00 times',
  },
  { name: 'over what it must be at least', value: 21, least: 20, verdict: 'met' },
  { name: 'more than nothing where nothing is wanted', value: 3, most: 0, verdict: '**missed**' },
  { name: 'not measured', value: NaN, most: 1, verdict: '–' },
])('a target $name: $verdict', ({ verdict, name, ...target }) => {
  expect(verdictOf({ text: name, shown, ...target })).toBe(verdict);
});

test('a run that failed is no success of the fleet, in whichever run it was', () => {
  const runs = [run(100), run(100, { failures: 2 }), run(100, { warnings: 1 })];
  const text = renderTargets([measured({ task: 'fleet', hosts: 200, runs })]);
  expect(text).toMatch(/failures and warnings.*\| 3 +\| \*\*missed\*\*/);
});

test('what could not be measured is said with its reason, and is no number', () => {
  const missing = 'the package ansible-core is not installed';
  const result: Result = {
    ...{ part: 'two', date: '2026-01-31', versions: { lvslab: '0.1.0' } },
    machine: { processor: 'one', cores: 2, memoryMiB: 4096, kernel: '6.1', load: 0 },
    measurements: [
      measured({ task: 'green apply' }),
      measured({ task: 'green apply', by: 'Ansible', runs: [], missing }),
    ],
  };
  const page = renderPage([result])[PAGE] ?? '';
  expect(page).toContain(`| Ansible | 0    | ${missing}`);
  expect(page).toMatch(/faster than Ansible it is.*not measured/);
  expect(page).not.toContain('NaN');
});

test('no result at all still makes a page without a made-up number', () => {
  const page = renderPage([])[PAGE] ?? '';
  expect(page).not.toMatch(/NaN|Infinity|undefined/);
  expect(page.match(/not measured/g)?.length).toBeGreaterThan(10);
});

test('the first thing that is used up comes first', () => {
  const fleet = [10, 500].map((hosts) =>
    measured({
      task: 'fleet',
      hosts,
      runs: [run(hosts * 100, { peakKiB: 1024 * (80 + 4 * hosts) })],
    }),
  );
  const rows = renderOnPaper(fleet).split('\n').slice(2);
  // (4096 - 80) / 4 hosts, less than the 1023 neighbours.
  expect(rows[0]).toMatch(/^\| memory .*\| 20080 MiB .*\| 1004 /);
  expect(rows[1]).toMatch(/^\| neighbours/);
});

test('a table is as wide as its widest cells', () => {
  expect(
    table([
      ['a', 'long'],
      ['bcde', 'f'],
    ]),
  ).toBe('| a    | long |\n| ---- | ---- |\n| bcde | f    |');
});

test('a chart has a dot for each point, within its frame', () => {
  const points = [10, 50, 500].map((x) => ({ x, y: x / 3 }));
  const chart = renderChart({
    ...{ title: 't', xTitle: 'x', yTitle: 'y' },
    lines: [{ name: 'one', points }],
  });
  const places = [...chart.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
    Number(x),
    Number(y),
  ]);
  expect(places.map(([x]) => x)).toEqual([70, expect.any(Number), 600]);
  for (const [, y = NaN] of places) expect(y >= 50 && y <= 280).toBe(true);
});

test('a chart of one size, or of none, has no impossible number', () => {
  for (const points of [[], [{ x: 10, y: 5 }]]) {
    const lines = [{ name: 'one', points }];
    expect(renderChart({ title: 't', xTitle: 'x', yTitle: 'y', lines })).not.toMatch(
      /NaN|Infinity/,
    );
  }
});

test('where the time goes is told by what was measured, the largest use first', () => {
  const host = (ms: number): Partial<Run> => ({ hostCpuMs: { 'real server': ms } });
  const all = [
    {
      ...measured({ uses: { waiting: 250, 'loading the program': 750 } }),
      runs: [run(1, host(800))],
    },
    measured({ by: 'OpenSSH, lean script', runs: [run(1, host(400))] }),
    measured({ by: 'OpenSSH, true', runs: [run(1, host(200))] }),
  ];
  const told = renderWhereItGoes(all);
  expect(told).toMatch(
    /loading the program +\| 0\.750 s \| 75 % +\|\n\| waiting +\| 0\.250 s \| 25 %/,
  );
  expect(told).toMatch(/`true` takes it +\| 0\.200 s \| 25 %/);
  expect(told).toMatch(/the question of the lean script +\| 0\.200 s \| 25 %/);
  expect(told).toMatch(/what lvslab asks beyond +\| 0\.400 s \| 50 %/);
  expect(renderWhereItGoes([])).toBe('Nobody has measured it yet.');
});

test('a moment of a profile belongs to the innermost function that tells, and to loading wherever that is', () => {
  const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
    id,
    callFrame: { functionName, url },
    children,
  });
  const program = 'file:///project/dist/main.js';
  expect(
    usesOf({
      nodes: [
        node(1, '(root)', '', [2, 3, 4, 6, 9]),
        node(2, '(idle)', ''),
        node(3, '(garbage collector)', ''),
        node(4, 'plan', program, [5]),
        node(5, 'parse', 'file:///project/node_modules/ssh2/lib/client.js', [8]),
        node(6, 'load', 'node:internal/modules/esm/loader', [7]),
        node(7, 'evaluated', program),
        node(8, 'decrypt', 'node:crypto'),
        node(9, 'start', 'node:internal/main'),
      ],
      samples: [2, 3, 4, 5, 7, 8, 9],
      timeDeltas: [1000, 2000, 3000, 4000, 5000, 6000, 7000],
    }),
  ).toEqual({
    'waiting for the hosts': 1,
    'collecting garbage': 2,
    'the work of lvslab and of the libraries in it': 3,
    SSH: 10,
    'loading the program': 5,
    'Node itself': 7,
  });
});
