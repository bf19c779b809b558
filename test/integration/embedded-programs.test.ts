import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { withLock } from '../../src/embedded/lab-lock.ts';
import { askProgram, runProgram } from '../../src/embedded/programs.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'embedded-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe('a program of this machine', () => {
  test('gets its arguments as they are', async () => {
    const hostile = ["a'b", '$(id)', 'two words', '"', '\\', '', '*', 'ü\n'];
    expect(await runProgram(['printf', '%s|', ...hostile])).toBe(`${hostile.join('|')}|`);
  });

  test('that fails is told with its name, its status and its last words', async () => {
    const failing = runProgram(['sh', '-c', 'echo because >&2; exit 3'], {
      host: 'rs1',
      step: 'x',
    });
    await expect(failing).rejects.toMatchObject({
      code: 'E_EMBEDDED_LAB',
      host: 'rs1',
      step: 'x',
      message: expect.stringMatching(/^sh .*exit status 3\nbecause$/s),
    });
  });

  test('is ended by the signal', async () => {
    const stop = new AbortController();
    const running = askProgram(['sleep', '60'], { signal: stop.signal });
    setTimeout(() => {
      stop.abort();
    }, 100);
    await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
  });
});

describe('a lock', () => {
  test('is held against other processes while the work runs, and given back after it', async () => {
    const file = path.join(folder, 'lock');
    const free = (): boolean => spawnSync('flock', ['-n', file, 'true']).status === 0;
    const during = await withLock({ file, waitSeconds: 1, what: 'it' }, async () => free());
    expect({ during, after: free() }).toEqual({ during: false, after: true });
  });

  test('that another one holds is an error that says what to do', async () => {
    const options = { file: path.join(folder, 'lock'), waitSeconds: 0, what: 'the lab x' };
    const second = withLock(options, () => withLock(options, async () => 'both'));
    await expect(second).rejects.toThrow('another lvslab is working on the lab x');
  });

  test('is given back when the work fails', async () => {
    const options = { file: path.join(folder, 'lock'), waitSeconds: 0, what: 'it' };
    const failing = withLock(options, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await expect(withLock(options, async () => 'free')).resolves.toBe('free');
  });
});
