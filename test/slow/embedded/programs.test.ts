import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { withLock } from '../../../src/embedded/lab/lab-lock.ts';
import { askProgram, runProgram } from '../../../src/embedded/machine/programs.ts';
import { waitUntil } from '../../support/processes.ts';
import { measureSlowness } from '../../../src/embedded/readiness/slowness.ts';

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

  test('that does not want to end, or has sent a child away, ends within two seconds of the signal', async () => {
    const stop = new AbortController();
    const script = `trap '' TERM; setsid sleep 30 & echo $! > "$1"; echo begun; while :; do sleep 30; done`;
    let stopped = 0;
    const running = askProgram(['sh', '-c', script, 'sh', path.join(folder, 'child')], {
      signal: stop.signal,
      onLine: () => {
        stopped = performance.now();
        stop.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED' });
    expect(performance.now() - stopped).toBeLessThan(2000 * (await measureSlowness()));
    process.kill(Number(await readFile(path.join(folder, 'child'), 'utf8')), 'SIGKILL');
  });

  test('that takes longer than it may is an error, or an answer where one is asked for', async () => {
    const late = runProgram(['sleep', '60'], { step: 'x', limitMs: 50 });
    await expect(late).rejects.toMatchObject({ code: 'E_TIMEOUT', step: 'x' });
    expect(await askProgram(['sleep', '60'], { limitMs: 50 })).toMatchObject({ isLate: true });
  });

  test('does not get what is typed at the terminal of this one', async () => {
    const group = await runProgram(['sh', '-c', 'ps -o pgid= -p $$']);
    const own = await runProgram(['ps', '-o', 'pgid=', '-p', String(process.pid)]);
    expect(group.trim()).not.toBe(own.trim());
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

  test('that another one holds names the process', async () => {
    const options = { file: path.join(folder, 'lock'), waitSeconds: 0, what: 'the lab x' };
    const second = withLock(options, () => withLock(options, async () => 'both'));
    await expect(second).rejects.toMatchObject({
      message: `another lvslab is working on the lab x: process ${process.pid}`,
      hint: `Wait for process ${process.pid} to end, or stop it, then try again.`,
    });
  });

  test('that is waited for says so at once, and for whom; one that is free says nothing', async () => {
    const file = path.join(folder, 'lock');
    const said: string[] = [];
    const waiting = {
      file,
      waitSeconds: 60,
      what: 'the image',
      onWait: (text: string) => void said.push(text),
    };
    let second: Promise<string> | undefined;
    await withLock(waiting, async () => {
      expect(said).toEqual([]);
      second = withLock(waiting, async () => 'ours');
      await waitUntil(() => said.length > 0);
    });
    expect(await second).toBe('ours');
    expect(said).toEqual([`waits for process ${process.pid}, which works on the image`]);
    await writeFile(file, '');
    expect(await withLock(waiting, async () => said.length)).toBe(1);
  });

  test('of a process that has ended is waited for until the kernel has given it back', async () => {
    const file = path.join(folder, 'lock');
    await writeFile(file, '1 2\n');
    // It holds the lock for one that is gone, until it finds out.
    const script = `exec 9<"$1"; flock 9; echo locked; read -r line`;
    const late = spawn('sh', ['-c', script, 'sh', file], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(late.stdout, 'data');
    const ours = withLock({ file, waitSeconds: 0, what: 'it' }, async () => 'ours');
    let isOurs = false;
    void ours.then(() => (isOurs = true));
    while (!(await runProgram(['ps', '-eo', 'args'])).includes(`flock -w 1 ${file}`)) {
      expect(isOurs).toBe(false);
    }
    late.stdin.end();
    await expect(ours).resolves.toBe('ours');
  });

  test('is no longer waited for once the person asks to stop', async () => {
    const file = path.join(folder, 'lock');
    const stop = new AbortController();
    const options = { file, waitSeconds: 600, what: 'it' };
    const second = withLock(options, async () => {
      const waiting = withLock({ ...options, signal: stop.signal }, async () => 'both');
      setTimeout(() => {
        stop.abort();
      }, 100);
      return await waiting;
    });
    await expect(second).rejects.toMatchObject({ code: 'E_CANCELLED' });
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
