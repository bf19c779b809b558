import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { runProgram } from '../../support/processes.ts';
import { connectTo, type Given, visit } from '../../support/ssh/ssh-client.ts';
import { makeKey, startSshd, type TestSshd } from '../../support/ssh/sshd.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

// A login takes a tenth of a second, and much longer where everything runs at once.

asRoot('host keys of a real sshd', () => {
  let sshd: TestSshd;

  beforeAll(async () => {
    sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa', 'ecdsa'] });
  });

  afterAll(async () => {
    await sshd.stop();
  });

  const file = (name: string): string => path.join(sshd.folder, name);

  test.each(['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'])(
    'a host of which only the %s key is known is asked for that key',
    async (type) => {
      const key = sshd.hostKeys.find((one) => one.startsWith(type)) ?? '';
      await writeFile(file('one'), `[127.0.0.1]:${sshd.port} ${key}\n`);
      const args = `-o UserKnownHostsFile=${file('one')} -o StrictHostKeyChecking=yes`;
      expect(await visit(sshd, { commonArgs: args })).toBe('root');
    },
  );

  test('a hashed entry in the second of two files will do', async () => {
    await copyFile(sshd.knownHosts, file('hashed'));
    await runProgram('ssh-keygen', ['-q', '-H', '-f', file('hashed')]);
    expect(await readFile(file('hashed'), 'utf8')).not.toContain('127.0.0.1');
    const args = `-o 'UserKnownHostsFile=${file('none')} ${file('hashed')}' -o StrictHostKeyChecking=yes`;
    expect(await visit(sshd, { commonArgs: args })).toBe('root');
  });

  test.each(['yes', 'no'])(
    'a new key is told and written once, in a private file; hashed: %s',
    async (hashed) => {
      const target = file(`new-${hashed}/ssh/known_hosts`);
      const told: unknown[] = [];
      const given: Given = {
        commonArgs: `-o UserKnownHostsFile=${target} -o HashKnownHosts=${hashed}`,
        onNewHostKey: (key) => told.push(key),
      };
      await visit(sshd, given);
      await visit(sshd, given);
      const name = `[127.0.0.1]:${sshd.port}`;
      expect(told).toEqual([
        {
          host: 'rs1',
          name,
          fingerprint: expect.stringMatching(/^ED25519 SHA256:/),
          file: target,
        },
      ]);
      expect((await stat(target)).mode & 0o777).toBe(0o600);
      expect((await stat(path.dirname(target))).mode & 0o777).toBe(0o700);
      const { stdout } = await runProgram('ssh-keygen', ['-F', name, '-f', target]);
      expect(stdout).toContain(sshd.hostKeys[0]?.split(' ')[1]);
    },
  );

  test('a new key goes on a line of its own where the last line has no end', async () => {
    await writeFile(file('unended'), '# only a comment');
    await visit(sshd, { commonArgs: `-o UserKnownHostsFile=${file('unended')}` });
    expect((await readFile(file('unended'), 'utf8')).split('\n')).toHaveLength(3);
  });

  test.each<[string, string, Given]>([
    ['yes', 'of ssh', { commonArgs: '-o StrictHostKeyChecking=yes' }],
    [
      'strict',
      'over those of ssh',
      { hostKeyChecking: 'yes', commonArgs: '-o StrictHostKeyChecking=no' },
    ],
  ])(
    'a new key is refused under %s checking, by the settings %s, with the command that allows it',
    async (name, _whose, given) => {
      const target = file(`strict ${name}`);
      const commonArgs = `-o 'UserKnownHostsFile="${target}"' ${given.commonArgs ?? ''}`;
      const strict = { ...given, commonArgs };
      const error = await failure(connectTo(sshd, strict));
      expect(error).toMatchObject({ code: 'E_HOST_KEY', host: 'rs1', step: 'connect' });
      const shown = await runProgram('ssh-keygen', ['-lf', `${file('host_ed25519')}.pub`]);
      expect(error.message).toContain(shown.stdout.split(' ')[1]);
      const [, command = ''] =
        /allow it with `(.*)`\.$/.exec((error as { hint?: string }).hint ?? '') ?? [];
      await runProgram('sh', ['-c', command]);
      expect(await visit(sshd, strict)).toBe('root');
    },
  );

  test('accepting new keys can be asked for over the settings of ssh', async () => {
    const told: unknown[] = [];
    const given: Given = {
      hostKeyChecking: 'accept-new',
      commonArgs: `-o UserKnownHostsFile=${file('accepted')} -o StrictHostKeyChecking=yes`,
      onNewHostKey: (key) => told.push(key),
    };
    expect(await visit(sshd, given)).toBe('root');
    expect(told).toHaveLength(1);
  });

  test('a changed key stops the connection, with both fingerprints and the way out', async () => {
    await makeKey(file('other'), 'ed25519');
    const other = await readFile(file('other.pub'), 'utf8');
    await writeFile(file('changed'), `# lab\n[127.0.0.1]:${sshd.port} ${other}`);
    const args = `-o UserKnownHostsFile=${file('changed')}`;
    const error = await failure(connectTo(sshd, { commonArgs: args }));
    expect(error).toMatchObject({
      code: 'E_HOST_KEY',
      hint: expect.stringContaining(
        `ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${file('changed')}`,
      ),
    });
    expect(error.message).toContain(`${file('changed')}:2`);
    const shown = await runProgram('ssh-keygen', ['-lf', `${file('host_ed25519')}.pub`]);
    const known = await runProgram('ssh-keygen', ['-lf', file('other.pub')]);
    expect(error.message).toContain(shown.stdout.split(' ')[1]);
    expect(error.message).toContain(known.stdout.split(' ')[1]);
    const lax = `${args} -o StrictHostKeyChecking=no`;
    const notices: string[] = [];
    expect(await visit(sshd, { commonArgs: lax, onNotice: (text) => notices.push(text) })).toBe(
      'root',
    );
    expect(notices).toEqual([expect.stringContaining('has changed')]);
  });

  test('a revoked key is refused even without checking', async () => {
    await writeFile(file('revoked'), `@revoked * ${sshd.hostKeys[0] ?? ''}\n`);
    const args = `-o UserKnownHostsFile=${file('revoked')} -o StrictHostKeyChecking=no`;
    await expect(connectTo(sshd, { commonArgs: args })).rejects.toMatchObject({
      code: 'E_HOST_KEY',
      message: expect.stringContaining(`revoked in ${file('revoked')}:1`),
    });
  });
});

async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  if (outcome instanceof Error) return outcome;
  throw new Error('expected a failure');
}
