import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { waitUntil } from '../../support/processes.ts';
import { connectTo } from '../../support/ssh/ssh-client.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('an sshd that allows few sessions', () => {
  describe('a host that allows one session at a time', () => {
    let strict: TestSshd;

    beforeAll(async () => {
      strict = await startSshd({ config: ['MaxSessions 1'], ownState: true });
    });

    afterAll(() => strict.stop());

    test('is worked on as any other, one session after the other', async () => {
      const connection = await connectTo(strict);
      for (let number = 0; number < 30; number++) {
        const result = await connection.run(trusted(`echo ${number}; sleep 0.0${number % 3}`));
        expect(result).toMatchObject({ exitCode: 0, stdout: `${number}\n` });
      }
      await connection.close();
    });

    test('takes an upload', async () => {
      const connection = await connectTo(strict);
      const remote = path.join(strict.folder, 'uploaded');
      await connection.upload(strict.keyFile, remote);
      expect(await readFile(remote, 'utf8')).toBe(await readFile(strict.keyFile, 'utf8'));
      await connection.close();
    });

    test('is told something while something else goes on there, each once', async () => {
      const connection = await connectTo(strict);
      const began = path.join(strict.folder, 'began');
      const running = connection.run(
        sh`echo 1 >>${began}; while [ ! -e ${began}.stop ]; do sleep 0.1; done`,
      );
      await waitUntil(() => existsSync(began));
      expect(await connection.run(sh`echo 2 >>${began}; : >${began}.stop`)).toMatchObject({
        exitCode: 0,
      });
      expect(await running).toMatchObject({ exitCode: 0 });
      expect(await readFile(began, 'utf8')).toBe('1\n2\n');
      await connection.close();
    });

    test('is worked on after a script that was left there and goes on', async () => {
      const connection = await connectTo(strict);
      const left = connection.run(trusted('sleep 3'), { timeoutMs: 500 });
      await expect(left).rejects.toMatchObject({ code: 'E_TIMEOUT' });
      expect(await connection.run(trusted('echo on'))).toMatchObject({ stdout: 'on\n' });
      await connection.close();
    });
  });

  test('a host that allows no session at all says so at the first one', async () => {
    const strict = await startSshd({ config: ['MaxSessions 0'] });
    const connection = await connectTo(strict);
    await expect(connection.run(trusted('id'))).rejects.toMatchObject({
      code: 'E_CONNECT',
      host: 'rs1',
      step: 'run',
      hint: expect.stringContaining('MaxSessions'),
    });
    await connection.close();
    await strict.stop();
  });
});
