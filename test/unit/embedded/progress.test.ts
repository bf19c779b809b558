import { describe, expect, test } from '@jest/globals';

import {
  type Patience,
  Progress,
  type Standing,
} from '../../../src/embedded/readiness/progress.ts';
import { type VitalSigns } from '../../../src/embedded/readiness/vital-signs.ts';

const patience: Patience = { idleMs: 10_000, usedMs: 60_000 };
const born: VitalSigns = { isAlive: true, usedMs: 5000, workedMs: 9000, consoleBytes: 100 };

/** How a host stands after readings one second apart, each given as what has changed since the one before. */
function standings(changes: readonly Partial<VitalSigns>[]): readonly Standing[] {
  const progress = new Progress(born, 0);
  let signs = born;
  return changes.map(({ isAlive = true, ...more }, index) => {
    signs = {
      isAlive,
      usedMs: signs.usedMs + (more.usedMs ?? 0),
      workedMs: signs.workedMs + (more.workedMs ?? more.usedMs ?? 0),
      consoleBytes: signs.consoleBytes + (more.consoleBytes ?? 0),
    };
    return progress.standing(signs, (index + 1) * 1000, patience);
  });
}

const during = (seconds: number, change: Partial<VitalSigns>): readonly Partial<VitalSigns>[] =>
  Array.from({ length: seconds }, () => change);

const cases: readonly [string, readonly Partial<VitalSigns>[], Standing][] = [
  ['one that has just begun', during(1, {}), 'working'],
  ['one that does nothing at first', during(10, {}), 'working'],
  ['one that does nothing for too long', during(11, {}), 'idle'],
  ['one that only keeps its clock', during(11, { usedMs: 20 }), 'idle'],
  ['one that computes', during(30, { usedMs: 1000 }), 'working'],
  ['one that gets no processor', during(600, { usedMs: 5, workedMs: 900 }), 'working'],
  ['one that waits for a disk', during(600, { workedMs: 200 }), 'working'],
  ['one that writes on its console', during(600, { consoleBytes: 1 }), 'working'],
  ['one that works again', [...during(9, {}), { usedMs: 500 }, ...during(9, {})], 'working'],
  ['one that computes for ever', during(61, { usedMs: 1000 }), 'spent'],
  ['one whose processes are gone', [...during(3, { usedMs: 900 }), { isAlive: false }], 'ended'],
];

describe('a host that is not ready yet:', () => {
  test.each(cases)('%s', (_, changes, standing) => {
    expect(standings(changes).at(-1)).toBe(standing);
  });
});
