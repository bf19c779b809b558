import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { flavourLetters } from '../../support/lab/flavour-letters.ts';
import { type NetworkCase } from './network-case.ts';
import { NetworkCourse } from './network-course.ts';

const MINUTE = 60_000;

export interface NetworkTestsOptions {
  /** What the tests are called. */
  readonly title: string;
  /** The first letters of the cells' names: 'lv' and up to four more. */
  readonly prefix: string;
  /** How many hosts of each flavour run side by side. */
  readonly hosts: number;
}

/** Makes a test of each case; a few hosts of one flavour after the other try them side by side. */
export function networkTests(
  cases: readonly NetworkCase[],
  { title, prefix, hosts }: NetworkTestsOptions,
): void {
  const only = new RegExp(process.env['NETWORKS_ONLY'] ?? '');
  const wanted = cases.filter(({ name, flavour }) => only.test(`${flavour}: ${name}`));
  const names = [...new Set(wanted.map(({ flavour }) => flavour))];
  const total = { made: 0, refused: 0, failed: 0 };

  afterAll(() => {
    process.stderr.write(
      `${title}: ${total.made} made, ${total.refused} refused, ${total.failed} failed\n`,
    );
  });

  describe.each(names)(`${title} on %s`, (flavour) => {
    const own = wanted.filter((one) => one.flavour === flavour);
    const course = new NetworkCourse(
      own,
      Array.from(
        { length: Math.min(hosts, own.length) },
        (_, i) => `${prefix}${flavourLetters[flavour]}${i}`,
      ),
    );

    beforeAll(() => {
      course.begin();
    });

    afterAll(() => course.end(), 10 * MINUTE);

    test.each(own.map((one) => [one.name, one] as const))(
      '%s',
      async (_name, one) => {
        const outcome = await course.outcomeOf(one);
        total[outcome instanceof Error ? 'failed' : outcome] += 1;
        expect(outcome instanceof Error ? outcome.message : outcome).toMatch(
          one.expect === 'made'
            ? /^made$/
            : one.expect === 'either'
              ? /^(made|refused)$/
              : /^refused$/,
        );
      },
      60 * MINUTE,
    );
  });
}
