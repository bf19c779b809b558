import { PassThrough } from 'node:stream';
import { expect, test } from '@jest/globals';
import { StepFailedError } from '../../../src/engine/model/failures/errors.ts';
import { type EngineEvent, type TaskEvent } from '../../../src/engine/model/events.ts';
import { type Plan } from '../../../src/engine/model/plan.ts';
import { createJsonReporter, jsonErrorLine } from '../../../src/reporters/json-reporter.ts';
import { createPlainReporter } from '../../../src/reporters/plain-reporter.ts';
import { renderError } from '../../../src/reporters/render/render-error.ts';
import { nat } from '../../../src/lab/modes/nat.ts';
import { renderLab } from '../../../src/reporters/render/render-lab.ts';
import { type Table } from '../../../src/reporters/render/render-table.ts';
import { type Reporter } from '../../../src/reporters/reporter.ts';
import { createTerminalReporter } from '../../../src/reporters/terminal/terminal-reporter.ts';
import { sampleEvents } from './sample-events.ts';
import { samplePlan } from './samples.ts';

/** Sets the title, clears the screen, moves the cursor, rings, turns text round, and says it in C1 as well. */
const HOSTILE =
  'a\u001b]0;evil\u0007b\u001b[2Jc\u001b[1;31md\re\bf\u009b2Kg\u202eh\u2066i\u2028j\u0000k\u007fl';

const RAW =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/;

/** Where something raw is, with what stands around it. */
function rawIn(text: string): readonly string[] {
  const found = RAW.exec(text);
  return found === null
    ? []
    : [JSON.stringify(text.slice(Math.max(0, found.index - 40), found.index + 40))];
}

/** The same value with hostile text at the end of each text in it, but for the words that the code itself goes by. */
function poisoned<T>(value: T, key = ''): T {
  if (typeof value === 'string') return (OWN_WORDS.has(key) ? value : value + HOSTILE) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: unknown) => poisoned(one, key)) as T;
  if (value instanceof Error) return hostileError as T;
  const entries = Object.entries(value).map(([name, one]) => [name, poisoned<unknown>(one, name)]);
  return Object.fromEntries(entries) as T;
}

const OWN_WORDS = new Set(['type', 'state', 'kind', 'judgement']);

const cause = new Error(`a library: ${HOSTILE}`, { cause: { answer: HOSTILE } });
const hostileError = new StepFailedError(
  `make said ${HOSTILE}\nand ${HOSTILE}\n  indented ${HOSTILE}`,
  {
    host: `rs1${HOSTILE}`,
    step: `nginx${HOSTILE}`,
    cause: new AggregateError([cause, HOSTILE]),
    hint: `Look at ${HOSTILE} with \`cat ${HOSTILE}\`.`,
    exitCode: 1,
    output: `line ${HOSTILE}\n${HOSTILE}\n`,
  },
);

const events = poisoned<readonly EngineEvent[]>(Object.values(sampleEvents));
const tasks: readonly TaskEvent[] = (['started', 'progress', 'finished', 'failed'] as const).map(
  (state) => ({ task: `boot ${HOSTILE}`, state, text: HOSTILE, fraction: 0.5, milliseconds: 1 }),
);
const plan: Plan = poisoned<Plan>({
  ...samplePlan,
  hosts: samplePlan.hosts.map((host) => ({
    ...host,
    kept: [
      { id: 'file', why: 'changed', changes: [] },
      { id: 'package', why: 'needed', changes: [], isNeeded: true },
    ],
    notices: ['seen'],
  })),
  failures: [{ host: 'rs9', error: hostileError }],
});
const table: Table = {
  title: HOSTILE,
  columns: ['host', HOSTILE],
  rows: [
    [HOSTILE, 3],
    [HOSTILE, { judgement: 'failed', text: HOSTILE }],
    [`${HOSTILE}\n${HOSTILE}`, { judgement: 'ok' }],
  ],
  verdict: { judgement: 'failed', text: `${HOSTILE}\n${HOSTILE}` },
};

async function showAll(reporter: Reporter): Promise<void> {
  for (const event of events) reporter.event(event);
  for (const task of tasks) reporter.task(task);
  reporter.say(HOSTILE);
  reporter.say(`${HOSTILE}\n${HOSTILE}`);
  await reporter.plan(plan);
  await reporter.table(table);
  for (const event of events) reporter.event(event);
  await reporter.stop();
}

test.each([false, true])('plain lines show none of it, verbose or not (%s)', async (verbose) => {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const look = { width: 80, color: false, verbose };
  await showAll(createPlainReporter({ write, now: () => 0, look }));
  expect(text).toContain('\\x1b]0;evil');
  expect(rawIn(text)).toEqual([]);
});

/** What the reporter itself draws with: colours, the cursor up and down, lines erased. */
// eslint-disable-next-line no-control-regex -- these are what it draws with
const OWN_ESCAPES = /\u001b\[(?:\d*[ABCDGJK]|\?25[lh]|\?7[lh]|\d+(?:;\d+)*m)|\r(?=\n)/g;

test.each([false, true])('a terminal gets none of it, verbose or not (%s)', async (verbose) => {
  let text = '';
  const stream = (columns: number): NodeJS.WriteStream & PassThrough =>
    Object.assign(new PassThrough(), {
      columns,
      rows: 24,
      isTTY: true,
    }) as unknown as NodeJS.WriteStream & PassThrough;
  const [stdout, stderr] = [stream(80), stream(80)];
  for (const one of [stdout, stderr]) one.on('data', (part: Buffer) => (text += part.toString()));
  await showAll(createTerminalReporter({ stdout, stderr, color: false, verbose, now: () => 0 }));
  expect(text).toContain('\\x1b]0;evil');
  for (const raw of ['\u001b[2J', '\u001b[1;31m', '\u001b]']) expect(text).not.toContain(raw);
  expect(rawIn(text.replaceAll(OWN_ESCAPES, ''))).toEqual([]);
});

test('lines of JSON hold it as data', async () => {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  await showAll(createJsonReporter({ write, clock: () => 0, verbose: true }));
  text += jsonErrorLine(hostileError, 0);
  expect(rawIn(text)).toEqual([]);
  for (const line of text.trim().split('\n')) JSON.parse(line);
});

test('errors and drawings show none of it', () => {
  const look = { width: 80, color: false, verbose: true };
  const bug = new TypeError(HOSTILE, { cause: HOSTILE });
  const lab = {
    mode: nat,
    networks: [],
    directors: [
      {
        name: HOSTILE,
        outside: { device: HOSTILE, address: '10.0.0.1', prefix: 24 },
        inside: { device: HOSTILE, address: '10.0.1.1', prefix: 24 },
      },
    ],
    clients: [{ name: HOSTILE, address: HOSTILE }],
    realServers: [
      { name: HOSTILE, nic: { device: HOSTILE, address: HOSTILE }, port: 80, weight: 1 },
    ],
    services: [
      { address: HOSTILE, port: 80, protocol: HOSTILE, scheduler: HOSTILE, destinations: [] },
    ],
  } as unknown as Parameters<typeof renderLab>[0];
  const texts = [hostileError, bug, HOSTILE, { code: HOSTILE }].map((error) =>
    renderError(error, look, HOSTILE),
  );
  for (const text of [...texts, renderLab(lab, { unicode: false })]) {
    expect(rawIn(text)).toEqual([]);
  }
});
