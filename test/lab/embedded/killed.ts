import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { takeDown } from '../../../src/embedded/take-down.ts';
import { leftoversOf } from '../../support/lab/lab-leftovers.ts';

const name = 'lvkill';
const root = path.join(import.meta.dirname, '../../..');
const child = path.join(root, 'test/support/lab/lab-child.ts');
const jiti = path.join(root, 'node_modules/jiti/lib/jiti-cli.mjs');

/** Runs `bringUp` in a process of its own; with a transition, it dies there. */
async function bringUpAndDie(transition: string): Promise<NodeJS.Signals | null> {
  try {
    await promisify(execFile)(process.execPath, [jiti, child, name, transition]);
    return null;
  } catch (error) {
    return (error as { signal: NodeJS.Signals | null }).signal;
  }
}

const takeDownLab = (): Promise<void> => takeDown({ ...labNamed(name), report: () => undefined });

/** Every transition of a lab whose image is in the cache, but for those that are tried together below. */
const steps = [
  ...['plan', 'control groups', 'keys', 'networks', 'nginx tarball', 'image debian'],
  ...['client', 'director', 'rs1', 'rs2'].flatMap((host) => [
    `disk ${host}`,
    `start ${host}`,
    `boot ${host}`,
  ]),
];
export const transitions: readonly string[] = steps.flatMap((step) => [
  `planned: ${step}`,
  `made: ${step}`,
]);

/** Those of them at which the most there is is left behind, one of each kind. */
export const tellingTransitions: readonly string[] = [
  ...['made: networks', 'planned: start rs1', 'made: start director', 'planned: boot director'],
];

/** Makes a test of each of these transitions: `up` dies there, and `down` has to leave nothing. */
export function killedAt(transitions: readonly string[]): void {
  // With the image made here, the transitions are those of a warm cache whatever ran before.
  beforeAll(async () => {
    await takeDownLab();
    await bringUpAndDie('made: disk director');
    await takeDownLab();
  }, 600_000);

  afterEach(takeDownLab);

  describe('after a SIGKILL of up, down leaves nothing behind:', () => {
    test.each(transitions)(
      '%s',
      async (transition) => {
        expect(await bringUpAndDie(transition)).toBe('SIGKILL');
        await takeDownLab();
        expect(await leftoversOf(name)).toEqual([]);
      },
      300_000,
    );
  });
}
