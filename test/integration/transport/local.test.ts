import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { isAlive, waitUntil } from '../../support/processes.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('scripts on this machine itself', () => {
  const connection = openLocalConnection({ host: 'client' });
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-local-'));
  });

  afterAll(async () => {
    await connection.close();
    await rm(folder, { recursive: true });
  });

  test('output, errors and exit status come back', async () => {
    const result = await connection.run(trusted('id -u; echo oops >&2; exit 3'));
    expect(result).toEqual({ exitCode: 3, stdout: '0\n', stderr: 'oops\n' });
    expect(connection.sessions).toBe(1);
  });

  test('another connection outlives the first', async () => {
    const first = openLocalConnection({ host: 'client' });
    const second = await first.again();
    await first.close();
    expect(await second.run(trusted('id -u'))).toMatchObject({ stdout: '0\n' });
    expect([second.host, second.sessions, first.sessions]).toEqual(['client', 1, 0]);
  });

  test('a script that takes too long is ended with all that it started', async () => {
    const pidFile = path.join(folder, 'pid');
    const running = connection.run(sh`sleep 30 & echo $! >${pidFile}; wait`, { timeoutMs: 1000 });
    await expect(running).rejects.toMatchObject({ code: 'E_TIMEOUT', host: 'client' });
    const pid = Number(await readFile(pidFile, 'utf8'));
    await waitUntil(() => !isAlive(pid));
    expect(isAlive(pid)).toBe(false);
  });

  test('an upload makes its folder, and is private', async () => {
    const from = path.join(folder, 'from');
    const to = path.join(folder, 'a/b/to');
    await writeFile(from, 'content');
    await connection.upload(from, to);
    expect(await readFile(to, 'utf8')).toBe('content');
    expect((await stat(to)).mode & 0o777).toBe(0o600);
  });
});
