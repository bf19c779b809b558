import { expect, test } from '@jest/globals';
import { spansOf } from '../../../bench/measure/spans.ts';
import { renderLongest } from '../../../bench/report/longest.ts';
import { type Measurement } from '../../../bench/measure/result.ts';

/** Lines as --json prints them, at so many seconds. */
function printed(...events: readonly (readonly [seconds: number, event: object])[]): string {
  return events
    .map(([seconds, event]) =>
      JSON.stringify({ time: new Date(seconds * 1000).toISOString(), ...event }),
    )
    .join('\n');
}

test('a host is busy with what its last event says, and with nothing while it waits for others', () => {
  const host = 'rs1';
  const stdout = printed(
    [0, { type: 'connecting', host }],
    [1, { type: 'observing', host, resources: 3 }],
    [3, { type: 'observed', host, changes: 1 }],
    [10, { type: 'play-started', host, play: 'nginx' }],
    [11, { type: 'step-started', host, step: 'package gcc' }],
    [20, { type: 'step-progress', host, step: 'package gcc', done: 1, total: 2 }],
    [31, { type: 'step-finished', host, step: 'package gcc', milliseconds: 20_000 }],
    [32, { type: 'proving', host }],
    [36, { type: 'proved', host, remaining: 0 }],
  );
  expect(spansOf(stdout)).toEqual({
    'rs1: package gcc': 20_000,
    'rs1: reading its state again': 4000,
    'rs1: reading its state': 2000,
    'rs1: between its steps': 2000,
    'rs1: logging in': 1000,
  });
});

test('two hosts do not end what the other is busy with, and a task says itself how long it took', () => {
  const stdout = printed(
    [0, { type: 'connecting', host: 'rs1' }],
    [1, { type: 'connecting', host: 'rs2' }],
    [4, { type: 'observing', host: 'rs1' }],
    [6, { type: 'observing', host: 'rs2' }],
    [7, { type: 'task', task: 'boot director', state: 'finished', milliseconds: 9000 }],
  );
  expect(spansOf(stdout)).toEqual({
    'boot director': 9000,
    'rs2: logging in': 5000,
    'rs1: logging in': 4000,
  });
});

test('what is no event is passed over, and only the longest are kept', () => {
  const tasks = 'a b c d e f g h i j k l'
    .split(' ')
    .map((task, i) => [i, { type: 'task', task, state: 'finished', milliseconds: i + 1 }]) as [
    number,
    object,
  ][];
  const spans = spansOf(`warning: a line of text\n{"time": 3}\n${printed(...tasks)}\n`);
  expect(Object.keys(spans)).toEqual('l k j i h g f e'.split(' '));
});

test('the run of middle length is shown with its shares, a plan is shown elsewhere', () => {
  const run = (wallMs: number, spans: Readonly<Record<string, number>>) => ({
    ...{ wallMs, cpuMs: 1, peakKiB: 1, failures: 0, warnings: 0 },
    spans,
  });
  const first: Measurement = {
    ...{ task: 'first apply', by: 'lvslab', hosts: 2, delayMs: 0 },
    runs: [run(1000, { odd: 900 }), run(2000, { compile: 500, unpack: 100 }), run(9000, {})],
  };
  const help: Measurement = {
    ...{ task: 'start', by: 'lvslab --help', hosts: 0, delayMs: 0 },
    ...{ runs: [], uses: { loading: 30, 'Node itself': 90 } },
  };
  const rows = renderLongest([first, { ...first, task: 'green plan' }, help]).split('\n');
  expect(rows.slice(2).map((row) => row.split('|').map((cell) => cell.trim()))).toEqual([
    ['', 'first apply', 'compile', '0.500 s', '25 %', ''],
    ['', '', 'unpack', '0.100 s', '5 %', ''],
    ['', 'lvslab --help', 'Node itself', '0.090 s', '75 %', ''],
    ['', '', 'loading', '0.030 s', '25 %', ''],
  ]);
});
