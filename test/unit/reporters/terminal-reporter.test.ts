import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@jest/globals';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { type Plan } from '../../../src/engine/model/plan.ts';
import { type Table } from '../../../src/reporters/render/render-table.ts';
import { type Reporter } from '../../../src/reporters/reporter.ts';
import { createTerminalReporter } from '../../../src/reporters/terminal/terminal-reporter.ts';
import { sampleEvents as events } from './sample-events.ts';
import { samplePlan } from './samples.ts';

interface Terminal {
  readonly reporter: Reporter;
  /** Everything that was written so far, escapes and all. */
  readonly written: () => string;
}

/** A stream that says it is a terminal of 80 columns. */
function stream(): NodeJS.WriteStream & PassThrough {
  const terminal = Object.assign(new PassThrough(), { columns: 80, rows: 24, isTTY: true });
  return terminal as unknown as NodeJS.WriteStream & PassThrough;
}

function terminal({ color = false, verbose = false } = {}): Terminal {
  let text = '';
  const stdout = stream();
  stdout.on('data', (part: Buffer) => {
    text += part.toString();
  });
  const now = (): number => performance.now();
  const reporter = createTerminalReporter({ stdout, stderr: stream(), color, verbose, now });
  return { reporter, written: () => text };
}

const HIDE = '\u001b[?25l';
const SHOW = '\u001b[?25h';

/** What stands on the terminal in the end, after the last erased frame. */
function lastFrame(text: string): string {
  return stripVTControlCharacters(text.slice(Math.max(0, text.lastIndexOf('\u001b[G'))));
}

test('rows of hosts and tasks, a plan between, and the cursor back at the end', async () => {
  const { reporter, written } = terminal();
  reporter.event(events.connecting);
  reporter.event(events.observed);
  await reporter.plan(samplePlan);
  expect(written()).toContain('✔ rs1  7 to change');
  expect(written()).toContain('Plan: 6 to add, 10 to change, 1 to remove on 3 hosts.');
  expect(written().lastIndexOf(SHOW)).toBeGreaterThan(written().lastIndexOf(HIDE));

  reporter.event(events['step-started']);
  reporter.event(events['step-progress']);
  await sleep(250);
  expect(written().lastIndexOf(HIDE)).toBeGreaterThan(written().lastIndexOf(SHOW));
  reporter.event(events['host-failed']);
  reporter.event(events['play-skipped']);
  reporter.event(events.proved);
  reporter.task({ task: 'director: boot', state: 'finished', milliseconds: 18_300 });
  await reporter.stop();
  expect(written().lastIndexOf(SHOW)).toBeGreaterThan(written().lastIndexOf(HIDE));
  const frame = lastFrame(written());
  expect(frame).toMatch(/^✔ rs1 +proved: nothing left to change/m);
  expect(frame).toMatch(/^✖ rs2 +failed: nginx 1\.16\.1/m);
  expect(frame).toMatch(/^ {4}\| make: \*\*\* \[Makefile:8: build\] Error 2$/m);
  expect(frame).toMatch(/^✔ director: boot +18 s$/m);
  expect(frame.match(/rs1/g)).toHaveLength(1);
});

test('the commands of a step stand above the rows when everything is asked for', async () => {
  const { reporter, written } = terminal({ verbose: true });
  reporter.event(events['play-started']);
  reporter.event(events['step-started']);
  reporter.event(events['step-finished']);
  reporter.event(events.proved);
  await reporter.stop();
  const lines = stripVTControlCharacters(written()).split('\n');
  const command = lines.indexOf('rs1:   $ cd /usr/local/src');
  expect(command).toBeGreaterThan(-1);
  expect(lines.findIndex((line) => /^✔ rs1 +proved/.test(line))).toBeGreaterThan(command);
  const quiet = terminal();
  quiet.reporter.event(events['step-started']);
  await quiet.reporter.stop();
  expect(quiet.written()).not.toContain('cd /usr/local/src');
});

test('an error that keeps a host from being planned stands once, with the plan', async () => {
  const { reporter, written } = terminal();
  const { host, error } = events['host-failed'];
  reporter.event(events['host-failed']);
  await reporter.plan({ hosts: [], failures: [{ host, error }] });
  await reporter.stop();
  const lines = lastFrame(written()).split('\n');
  expect(lines.filter((line) => line.includes(`[${error.code}]`))).toHaveLength(1);
  expect(lines.findIndex((line) => /^✖ rs2 +failed: /.test(line))).toBeGreaterThan(-1);
  expect(lines.indexOf('Could not be planned')).toBeGreaterThan(0);
});

test('without colour there are no colours, with it there are', async () => {
  for (const color of [false, true]) {
    const { reporter, written } = terminal({ color });
    for (const event of Object.values(events)) reporter.event(event);
    await reporter.stop();
    // eslint-disable-next-line no-control-regex -- colours are made of these
    expect(/\u001b\[\d+m/.test(written())).toBe(color);
  }
});

test('stopped in the middle: what was running is said to be stopped, and nothing comes after', async () => {
  const { reporter, written } = terminal();
  reporter.event(events['step-started']);
  await reporter.stop();
  expect(lastFrame(written())).toMatch(/rs1 {2}stopped: nginx from source 3\/5/);
  const before = written();
  reporter.event(events.proving);
  await sleep(250);
  await reporter.stop();
  expect(written()).toBe(before);
});

test('what is said while something runs stands below it, else above what comes next', async () => {
  const { reporter, written } = terminal();
  reporter.say('\n== 1 of 2: Boot');
  reporter.task({ task: 'boot', state: 'started' });
  reporter.say('Stopping.');
  reporter.task({ task: 'boot', state: 'finished', text: 'up' });
  reporter.say('== 2 of 2: Verify');
  reporter.task({ task: 'requests', state: 'finished', text: '300 answers' });
  await reporter.stop();
  const lines = stripVTControlCharacters(written())
    .split('\n')
    .filter((line) => line.trim() !== '');
  const places = ['== 1 of 2', 'boot  up', 'Stopping', '== 2 of 2', 'requests  300'].map((text) =>
    lines.findIndex((line) => line.includes(text)),
  );
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
});

test('what can not be shown keeps nothing else from being shown', async () => {
  const { reporter, written } = terminal();
  const broken = { type: 'host-failed', host: 'rs2', error: undefined };
  reporter.event(broken as unknown as EngineEvent);
  reporter.event(events.proved);
  await expect(
    reporter.plan({ hosts: [], failures: undefined } as unknown as Plan),
  ).rejects.toThrow();
  await expect(reporter.table({ columns: ['one'] } as unknown as Table)).rejects.toThrow();
  await reporter.stop();
  expect(lastFrame(written())).toMatch(/rs1 +proved/);
});
