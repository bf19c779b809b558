import { appendFile, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { Secret } from '../../../src/engine/model/secret.ts';
import { type ConnectionSettings } from '../../../src/transport/settings/connection-settings.ts';
import { lockedKeys, opensKey } from '../../../src/transport/keys/locked-keys.ts';
import { isAlive, runProgram, waitUntil } from '../../support/processes.ts';
import { visit } from '../../support/ssh/ssh-client.ts';
import { makeKey, startSshd, type TestSshd } from '../../support/ssh/sshd.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

// A login takes a tenth of a second, and much longer where everything runs at once.
jest.setTimeout(60_000);

asRoot('encrypted keys and a real agent', () => {
  let sshd: TestSshd;
  let locked: string;
  let socket: string;
  let agent: number;

  beforeAll(async () => {
    sshd = await startSshd();
    locked = path.join(sshd.folder, 'locked');
    socket = path.join(sshd.folder, 'agent');
    await makeKey(locked, 'ed25519');
    await appendFile(
      path.join(sshd.folder, 'authorized_keys'),
      await readFile(`${locked}.pub`, 'utf8'),
    );
    const { stdout } = await runProgram('ssh-agent', ['-s', '-a', socket]);
    agent = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
    await runProgram('ssh-add', ['-q', locked], { SSH_AUTH_SOCK: socket });
    await runProgram('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', locked]);
  });

  afterAll(async () => {
    process.kill(agent);
    await waitUntil(() => !isAlive(agent));
    await sshd.stop();
  });

  const settings = (given: Partial<ConnectionSettings> = {}): ConnectionSettings => ({
    host: 'rs1',
    address: '127.0.0.1',
    become: false,
    home: sshd.folder,
    privateKeyFile: locked,
    commonArgs: '-F /dev/null -o IdentityAgent=none',
    ...given,
  });
  const withAgent = (): ConnectionSettings =>
    settings({ commonArgs: `-F /dev/null -o IdentityAgent=${socket}` });

  test('a key that the agent holds needs no passphrase, whether its public half lies beside it or not', async () => {
    const asked: string[] = [];
    const askPassphrase = async (file: string): Promise<undefined> => void asked.push(file);
    const given = {
      privateKeyFile: locked,
      askPassphrase,
      commonArgs: `-o IdentityAgent=${socket} -o IdentitiesOnly=yes`,
    };
    expect(await visit(sshd, given)).toBe('root');
    expect(await lockedKeys(withAgent())).toEqual([]);
    await rm(`${locked}.pub`);
    expect(await lockedKeys(withAgent())).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('without the agent its passphrase is needed, and known when it is the right one', async () => {
    expect(await lockedKeys(settings())).toEqual([locked]);
    expect(await opensKey(locked, new Secret('open sesame'))).toBe(true);
    expect(await opensKey(locked, new Secret('open'))).toBe(false);
    expect(await opensKey(locked, new Secret(''))).toBe(false);
  });

  test("one of ssh's usual keys is asked for only where nothing else can be tried", async () => {
    const usual = path.join(sshd.folder, '.ssh/id_ed25519');
    await runProgram('mkdir', ['-p', path.dirname(usual)]);
    await makeKey(usual, 'ed25519', 'open sesame');
    // Without a program to ask, the usual files are those of the home folder given.
    const alone = { home: sshd.folder, address: '127.0.0.1', host: 'rs1', become: false };
    const none = { sshProgram: '/nonexistent/ssh' };
    expect(await lockedKeys(alone, none)).toEqual([usual]);
    expect(await lockedKeys({ ...alone, password: new Secret('x') }, none)).toEqual([]);
    expect(await lockedKeys({ ...alone, privateKeyFile: sshd.keyFile }, none)).toEqual([]);
    expect(await lockedKeys({ ...alone, identityAgent: socket }, none)).toEqual([]);
  });
});
