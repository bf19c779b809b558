import { describe, expect, test } from '@jest/globals';
import { type JobSummary } from '../../../src/engine/model/events.ts';
import {
  type HostJobs,
  parseJobs,
  summaryOf,
  orphanedJobs,
} from '../../../src/engine/detached/orphaned-jobs.ts';

const about = JSON.stringify({
  play: 'nginx',
  steps: ['packages', 'build', 'service'],
  owner: 'alice',
  controller: 'laptop',
  since: '2024-05-01T10:00:00.000Z',
  boot: 'b1',
});

const holder = ['owner=alice', 'controller=laptop', 'run=r1', 'since=2024-05-01T10:00:00.000Z']
  .map((line) => `by ${line}\n`)
  .join('');

/** What the host prints of one run with these events. */
function printed(state: 'lives' | 'ended', events: readonly string[]): HostJobs {
  const lines = events.map((event) => `event ${event}\n`).join('');
  return parseJobs(`boot b1\n${holder}job ${state} r1.0 ${about}\n${lines}`);
}

const failure = Buffer.from('cc1: all warnings\nmake: Error 2\n').toString('base64');

const cases: readonly (readonly [string, 'lives' | 'ended', readonly string[], JobSummary])[] = [
  ['about to begin', 'lives', [], { state: 'running', done: 0 }],
  [
    'in a step',
    'lives',
    ['begin 0', 'end 0 0 ', 'begin 1', 'progress 1 3 9'],
    { state: 'running', done: 1, step: 'build' },
  ],
  ['between steps', 'lives', ['begin 0', 'end 0 0 '], { state: 'running', done: 1 }],
  [
    'through',
    'ended',
    ['begin 0', 'end 0 0 ', 'begin 1', 'end 1 0 ', 'begin 2', 'end 2 0 ', 'done'],
    { state: 'done', done: 3 },
  ],
  ['stopped', 'ended', ['begin 0', 'end 0 0 ', 'done'], { state: 'stopped', done: 1 }],
  [
    'failed',
    'ended',
    ['begin 0', 'end 0 0 ', 'begin 1', `end 1 2 ${failure}`, 'done'],
    {
      state: 'failed',
      done: 1,
      step: 'build',
      reason: 'exit status 2: make: Error 2',
      output: 'cc1: all warnings\nmake: Error 2\n',
    },
  ],
  [
    'killed in a step',
    'ended',
    ['begin 0', 'end 0 0 ', 'begin 1'],
    { state: 'killed', done: 1, step: 'build' },
  ],
  ['killed before its first', 'ended', [], { state: 'killed', done: 0 }],
];

describe('a run that was found', () => {
  test.each(cases)('%s', (_, state, events, summary) => {
    expect(printed(state, events).jobs.map((job) => summaryOf(job))).toEqual([summary]);
  });

  test('is followed from the line after the last whole one', () => {
    const [job] = printed('lives', ['begin 0', '', 'end 0 0 ']).jobs;
    expect(job).toMatchObject({ linesRead: 3, invocation: 'r1', number: 0, isRunning: true });
  });
});

describe('what a host tells of its runs', () => {
  const run = (name: string): string => `job ended ${name} ${about}\n`;

  test('nothing at all', () => {
    expect(parseJobs('boot b1\n')).toEqual({ boot: 'b1', isHolderConnected: false, jobs: [] });
  });

  test('plays of one run come in their order', () => {
    const { jobs } = parseJobs(`boot b1\n${run('r1.10')}${run('r1.2')}`);
    expect(jobs.map(({ number }) => number)).toEqual([2, 10]);
  });

  test('those of a holder whose connection is there have not lost their lvslab', () => {
    const text = `boot b1\n${holder}connected\n${run('r1.0')}${run('r0.0')}`;
    expect(orphanedJobs(parseJobs(text)).map(({ invocation }) => invocation)).toEqual(['r0']);
    expect(orphanedJobs(parseJobs(text.replace('connected\n', '')))).toHaveLength(2);
  });

  test('what was only half written when lvslab was killed has not begun', () => {
    expect(parseJobs(`boot b1\njob ended r1.0 {"play":"ngi\n`).jobs).toEqual([]);
  });
});
