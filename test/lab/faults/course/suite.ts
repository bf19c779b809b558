import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FaultFlavour } from '../hosts/fault-flavours.ts';
import { Course, type Outcome } from './course.ts';
import { type FaultTable } from './tables.ts';

const MINUTE = 60_000;

/**
 * Makes the tests of these flavours, and says at the end how many faults were borne. A lab is brought up as soon as the
 * real servers of the one before are at their last case: the director takes longer, and has nothing to do with them.
 */
export function faultTests(
  flavours: readonly FaultFlavour[],
  {
    table,
    title,
    isFast = false,
  }: { readonly table: FaultTable; readonly title: string; readonly isFast?: boolean },
): void {
  const total = { faults: 0, passed: 0 };
  const courses = flavours
    .map((flavour) => new Course(flavour, table, isFast))
    .filter(({ rows }) => rows.length > 0);
  if (courses.length === 0) {
    test.skip(`${title}: nothing that was asked for`, () => undefined);
    return;
  }

  beforeAll(() => {
    let before = Promise.resolve();
    for (const course of courses) before = course.begin(before);
  });

  afterAll(async () => {
    await Promise.all(courses.map((course) => course.end()));
    process.stderr.write(`faults: ${total.passed} of ${total.faults}\n`);
  }, 10 * MINUTE);

  describe.each(courses.map((course) => [course.flavour, course] as const))(
    `${title} on %s`,
    (flavour, course) => {
      test.each(course.rows.map((row) => [row.fault, row] as const))(
        '%s',
        async (_fault, row) => {
          const outcomes = await course.outcomesOf(row);
          for (const { faults, problem } of outcomes) {
            total.faults += faults;
            if (problem === undefined) total.passed += faults;
          }
          process.stderr.write(`${flavour}: ${row.fault}: ${describeOutcomes(outcomes)}\n`);
          expect(outcomes).not.toEqual([]);
          expect(outcomes.filter(({ problem }) => problem !== undefined)).toEqual([]);
        },
        90 * MINUTE,
      );
    },
  );
}

function describeOutcomes(outcomes: readonly Outcome[]): string {
  const seconds = outcomes.reduce((sum, one) => sum + one.seconds, 0);
  const faults = outcomes.reduce((sum, one) => sum + one.faults, 0);
  return `${faults} faults in ${Math.round(seconds)} s`;
}
