import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../../src/engine/model/failures/errors.ts';
import { type EngineEvent, type TaskEvent } from '../../../src/engine/model/events.ts';
import { type DiagnosisReport, reportOn } from '../../../src/diagnose/report.ts';
import { ruleCases } from '../../support/rules/rule-cases.ts';
import { sampleReadings } from '../../support/samples/sample-readings.ts';
import { createJsonReporter, jsonErrorLine } from '../../../src/reporters/json-reporter.ts';
import { createPlainReporter } from '../../../src/reporters/plain-reporter.ts';
import { type Reporter } from '../../../src/reporters/reporter.ts';
import { expectGolden } from '../../support/golden.ts';
import { sampleEvents } from './sample-events.ts';
import { brokenPlan } from './samples.ts';

/** A clock that goes on by a quarter of a second each time it is asked. */
function ticking(): () => number {
  let time = 0;
  return () => (time += 250);
}

function plainReporter(
  now = ticking(),
  verbose = false,
): {
  readonly reporter: Reporter;
  readonly text: () => string;
} {
  let text = '';
  const reporter = createPlainReporter({
    write: (part) => {
      text += part;
    },
    now,
    look: { width: 80, color: false, verbose },
  });
  return { reporter, text: () => text };
}

/** The tutorial's lab with a gateway that is another one, and the rules of no other cause to tell of. */
function sampleReport(): DiagnosisReport {
  const readings = sampleReadings();
  ruleCases.find(({ id }) => id === 'L01')?.make(readings);
  return {
    ...reportOn(readings),
    ruledOut: [{ id: 'L03', title: 'the director does not forward' }],
  };
}

async function reportEverything(reporter: Reporter): Promise<void> {
  for (const event of Object.values(sampleEvents)) reporter.event(event);
  const task: TaskEvent = { task: 'director: boot', state: 'started' };
  reporter.task(task);
  reporter.task({ ...task, state: 'progress', text: 'kernel', fraction: 0.5 });
  reporter.task({ ...task, state: 'finished', milliseconds: 18_300 });
  reporter.task({ task: 'drill', state: 'failed', text: 'rs2 does not run again' });
  reporter.say('Nothing was changed.');
  await reporter.plan(brokenPlan);
  await reporter.table({
    title: 'Hosts',
    columns: ['host', 'state'],
    rows: [['rs1', { judgement: 'ok', text: 'running' }]],
    verdict: { judgement: 'ok', text: 'all hosts run' },
  });
  await reporter.diagnosis(sampleReport());
  await reporter.stop();
}

test('plain lines', async () => {
  const { reporter, text } = plainReporter();
  await reportEverything(reporter);
  expectGolden('reporters/plain.txt', text());
});

describe('plain progress', () => {
  const progress = (done: number): EngineEvent => ({
    ...sampleEvents['step-progress'],
    done,
    total: 100,
  });
  const lines = (text: string): readonly string[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(-4));

  test('is told at most every tenth', () => {
    const { reporter, text } = plainReporter(() => 0);
    for (let done = 0; done <= 100; done += 1) reporter.event(progress(done));
    expect(lines(text())).toEqual(
      [10, 20, 30, 40, 50, 60, 70, 80, 90, 100].map((n) => ` ${n} %`.slice(-4)),
    );
  });

  test('or every ten seconds', () => {
    let time = 0;
    const { reporter, text } = plainReporter(() => time);
    for (; time <= 25_000; time += 1000) reporter.event(progress(time / 5000));
    expect(lines(text())).toEqual([' 2 %', ' 4 %']);
  });

  test('of two hosts is not mixed up', () => {
    const { reporter, text } = plainReporter(() => 0);
    for (const host of ['rs1', 'rs2']) reporter.event({ ...progress(50), host });
    expect(lines(text())).toEqual(['50 %', '50 %']);
  });
});

test('verbose lines show the commands of each step, and the host before each of them', () => {
  const { reporter, text } = plainReporter(() => 0, true);
  reporter.event(sampleEvents['step-started']);
  expect(text().replaceAll('00:00 ', '')).toBe(
    [
      'rs1: nginx from source 3/5: nginx 1.16.1 in /usr/local/nginx',
      'rs1:   $ cd /usr/local/src',
      "rs1:   $ ./configure --prefix='/usr/local/nginx'",
      '',
    ].join('\n'),
  );
});

describe('JSON', () => {
  let output = '';
  const write = (line: string): void => {
    output += line;
  };
  const clock = ticking();
  const reported = reportEverything(createJsonReporter({ write, clock, verbose: true })).then(
    () => {
      write(jsonErrorLine(new UsageError('no such host', { hint: 'Name another one.' }), clock()));
    },
  );
  const docs = readFileSync(path.join(import.meta.dirname, '../../../docs/events.md'), 'utf8');

  test('one event a line', async () => {
    await reported;
    expectGolden('reporters/events.ndjson', output);
  });

  test('commands come only when everything is asked for', () => {
    let told = '';
    const reporter = createJsonReporter({
      write: (line) => {
        told = line;
      },
      clock,
      verbose: false,
    });
    reporter.event(sampleEvents['step-started']);
    expect(JSON.parse(told)).toMatchObject({ type: 'step-started' });
    expect(told).not.toContain('configure');
  });

  test('docs/events.md names exactly the types that there are, and all of their fields', async () => {
    await reported;
    const examples = output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const sections = new Map(
      docs
        .split(/^## /m)
        .slice(1)
        .map((section) => {
          const [title = '', ...body] = section.split('\n');
          return [title.replaceAll('`', ''), body.join('\n')] as const;
        }),
    );
    expect([...sections.keys()].sort()).toEqual(
      [...new Set(examples.map(({ type }) => String(type)))].sort(),
    );
    for (const { type, ...fields } of examples) {
      const documented = sections.get(String(type)) ?? '';
      for (const field of Object.keys(fields).filter((name) => name !== 'time'))
        expect(documented).toContain(`\`${field}\``);
    }
  });
});
