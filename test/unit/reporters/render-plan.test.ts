import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Plan } from '../../../src/engine/model/plan.ts';
import { type Change } from '../../../src/engine/model/resource.ts';
import { renderPlan } from '../../../src/reporters/render/render-plan.ts';
import { expectGolden } from '../../support/golden.ts';
import { brokenPlan, samplePlan, step } from './samples.ts';

const look = { width: 80, color: false, verbose: false };

function planOf(changes: readonly Change[], id = 'file /etc/x'): Plan {
  const steps = [step(id, { kind: 'update', changes })];
  return {
    hosts: [{ host: 'rs1', notices: [], plays: [{ play: 'Play', unchanged: 0, steps }] }],
    failures: [],
  };
}

describe('the documented lab', () => {
  test.each([
    ['at 80 columns', 'plan-80.txt', look],
    ['in colour', 'plan-color.txt', { ...look, color: true }],
    ['in full', 'plan-verbose.txt', { ...look, verbose: true }],
    ['at 40 columns', 'plan-40.txt', { ...look, width: 40 }],
  ])('%s', (_, file, with_) => {
    expectGolden(`reporters/${file}`, renderPlan(samplePlan, with_));
  });

  test('with hosts that failed', () => {
    expectGolden('reporters/plan-failures.txt', renderPlan(brokenPlan, look));
  });
});

test('no changes', () => {
  const hosts = samplePlan.hosts.map(({ host, plays }) => ({
    host,
    notices: [],
    plays: plays.map(({ play }) => ({ play, unchanged: 4, steps: [] })),
  }));
  expect(renderPlan({ hosts, failures: [] }, look)).toBe(
    'No changes. 20 resources on 3 hosts are as they should be.\n',
  );
});

test('equal changes are shown once, others for each host', () => {
  const text = renderPlan(samplePlan, look);
  expect(text.match(/user nginx/g)).toHaveLength(1);
  expect(text.match(/index\.html/g)).toHaveLength(2);
});

test('what is equal but for where it starts from is not shown as one', () => {
  const plan = (from: string): Plan => planOf([{ field: '', from, to: '1' }], 'sysctl a');
  const hosts = [plan('0'), plan('2')].flatMap((one) => one.hosts);
  const named = hosts.map((host, i) => ({ ...host, host: `rs${i + 1}` }));
  expect(renderPlan({ hosts: named, failures: [] }, look)).toMatch(
    /rs1\n.*sysctl a: 0 → 1\n {2}rs2\n.*sysctl a: 2 → 1\n/,
  );
});

describe('values', () => {
  const shown = (change: Change): string =>
    renderPlan(planOf([change]), look)
      .split('\n')
      .slice(2, -3)
      .join('\n');

  test("an empty value is not 'not there', nor is 0", () => {
    expect(shown({ field: '', from: '', to: '0' })).toBe("    ~ file /etc/x: '' → 0");
  });

  test('a newline at the end that comes or goes is seen', () => {
    expect(shown({ field: '', from: 'a', to: 'a\n' })).toBe(
      [
        '    ~ file /etc/x:',
        '        - a',
        '          (no newline at the end)',
        '        + a',
      ].join('\n'),
    );
  });

  test('two different values that are too long for a line stand under each other', () => {
    expect(shown({ field: '', from: 'a'.repeat(60), to: 'b'.repeat(90) })).toBe(
      ['    ~ file /etc/x:', `        - ${'a'.repeat(60)}`, `        + ${'b'.repeat(69)}…`].join(
        '\n',
      ),
    );
  });

  test('texts without anything in common come to an end', () => {
    const many = (word: string): string =>
      Array.from({ length: 5000 }, (_, i) => `${word} ${i}\n`).join('');
    const began = performance.now();
    expect(shown({ field: '', from: many('a'), to: many('b') })).toContain('9988 more lines');
    expect(performance.now() - began).toBeLessThan(2000);
  });
});

test('nothing that a host says moves the cursor, and no line is wider than the screen', () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 200 });
  const change = fc.record({ field: hostile, from: hostile, to: hostile });
  fc.assert(
    fc.property(change, hostile, fc.boolean(), (value, id, verbose) => {
      const text = renderPlan(planOf([value, value], id), { ...look, verbose });

      // eslint-disable-next-line no-control-regex -- the very thing that must not be there
      const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
      expect(text).not.toMatch(harmful);
      const widths = text.split('\n').map((line) => Array.from(line).length);
      expect(Math.max(...widths)).toBeLessThanOrEqual(80);
    }),
    { numRuns: 100 },
  );
});
