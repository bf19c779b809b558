import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { isPopulated } from '../../src/embedded/machine/cgroups.ts';
import { labCgroup, labNamed } from '../../src/embedded/embedded-lab.ts';
import { measureSlowness } from '../../src/embedded/readiness/slowness.ts';
import { pause } from '../../src/engine/model/failures/cancellation.ts';
import { freezeHost } from '../support/ssh/freeze-host.ts';
import { leftoversOf } from '../support/lab/lab-leftovers.ts';
import { expectExit, lvslab } from '../support/lvslab.ts';

const MINUTE = 60_000;
const name = 'lvint';
const lab = labNamed(name);
const program = path.join(import.meta.dirname, '../../bin/lvslab.js');

interface Interrupted {
  readonly exitCode: number | null;
  readonly output: string;
  /** From Ctrl-C to the end. */
  readonly milliseconds: number;
}

/** Whether it is time for Ctrl-C, judged by what the program has said so far or by the machine. */
type Moment = (output: string) => boolean | Promise<boolean>;

/** Runs the program, and sends it Ctrl-C at that moment. */
async function interrupt(moment: Moment, ...args: readonly string[]): Promise<Interrupted> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const take = (text: string): void => {
    output += text;
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const closed = once(child, 'close') as Promise<[number | null]>;
  while (child.exitCode === null && !(await moment(output))) await pause(10, undefined);
  const began = performance.now();
  child.kill('SIGINT');
  const [exitCode] = await closed;
  return { exitCode, output, milliseconds: performance.now() - began };
}

const says =
  (said: RegExp): Moment =>
  (output) =>
    said.test(output);

/** With `exitCodes`, it may have come to its end before Ctrl-C did. */
async function expectSoon(
  { exitCode, output, milliseconds }: Interrupted,
  exitCodes: readonly number[] = [130],
): Promise<void> {
  expect({ output, exitCodes }).toEqual({ output, exitCodes: expect.arrayContaining([exitCode]) });
  expect(milliseconds).toBeLessThan(2000 * (await measureSlowness()));
  expect(output).not.toContain('A mistake in lvslab itself');
}

const down = async (): Promise<void> => {
  expectExit(await lvslab('lab', 'down', '-n', name), 0);
};

beforeAll(async () => {
  await down();
  expectExit(await lvslab('lab', 'up', '-n', name), 0);
}, 20 * MINUTE);

afterAll(down, 5 * MINUTE);

describe('Ctrl-C ends within two seconds', () => {
  test(
    'lab status, while a host does not answer',
    async () => {
      await freezeHost(lab, 'rs1');
      const isLooking = (): Promise<boolean> => isPopulated(labCgroup(lab, 'probes'));
      await expectSoon(await interrupt(isLooking, 'lab', 'status', '-n', name));
      while (await isLooking()) await pause(10, undefined);
    },
    5 * MINUTE,
  );

  test(
    'lab down, and the next one removes the rest',
    async () => {
      const stopped = await interrupt(says(/stop the hosts: started/), 'lab', 'down', '-n', name);
      await expectSoon(stopped, [0, 130]);
      await down();
      expect(await leftoversOf(name)).toEqual([]);
    },
    5 * MINUTE,
  );

  test.each([
    ['while the disks are made', /disk: started/],
    ['while the hosts are started', /start: started/],
    ['while the hosts boot', /director: boot: waiting/],
  ])(
    'lab up, %s, and says how to go on; lab down leaves nothing',
    async (_, moment) => {
      const interrupted = await interrupt(says(moment), 'lab', 'up', '-n', name);
      await expectSoon(interrupted);
      expect(interrupted.output).toContain(` lab up -n ${name}\``);
      expect(interrupted.output).toContain(` lab down -n ${name}\``);
      await down();
      expect(await leftoversOf(name)).toEqual([]);
    },
    5 * MINUTE,
  );
});
