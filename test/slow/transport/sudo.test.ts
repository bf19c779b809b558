import { existsSync, watch } from 'node:fs';
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import { trusted } from '../../../src/engine/model/shell/script.ts';
import { Secret } from '../../../src/engine/model/secret.ts';
import { runProgram } from '../../support/processes.ts';
import { connectTo, type Given, visit } from '../../support/ssh/ssh-client.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';

const asRoot = process.getuid?.() === 0 && existsSync('/etc/sudoers.d') ? describe : describe.skip;

// A login takes a tenth of a second, and much longer where everything runs at once.

asRoot('a login user who becomes root by sudo', () => {
  const user = `lvslab-test-${process.pid}`;
  const password = "pa'ss wörd$(reboot)";
  const sudoers = `/etc/sudoers.d/${user}`;
  const home = `/tmp/${user}`;
  let sshd: TestSshd;

  const asUser = (given: Given = {}): Given => ({ user, become: true, ...given });
  const allow = (...rules: readonly string[]): Promise<void> =>
    writeFile(sudoers, rules.map((rule) => `${rule}\n`).join(''), { mode: 0o440 });

  beforeAll(async () => {
    await runProgram('useradd', ['-r', '-m', '-d', home, '-s', '/bin/bash', user]);
    await runProgram('sh', ['-c', 'printf "%s:%s\\n" "$1" "$2" | chpasswd', 'sh', user, password]);
    sshd = await startSshd();
  });

  afterAll(async () => {
    await sshd.stop();
    await runProgram('userdel', ['-r', user]).catch(() => undefined);
  });

  beforeEach(() => allow(`${user} ALL=(ALL) NOPASSWD: ALL`));
  afterEach(() => rm(sudoers, { force: true }));

  test('needs no password where sudo asks for none, and does no harm with one', async () => {
    expect(await visit(sshd, asUser())).toBe('root');
    expect(await visit(sshd, asUser({ becomePassword: new Secret('is not asked for') }))).toBe(
      'root',
    );
  });

  test('gives the password where sudo asks for it, and it is never an argument', async () => {
    await allow(`Defaults:${user} lecture=always`, `${user} ALL=(ALL) ALL`);
    const connection = await connectTo(sshd, asUser({ becomePassword: new Secret(password) }));
    const result = await connection.run(
      trusted('id -u; cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "; echo oops >&2'),
    );
    expect(result.stdout).toMatch(/^0\n/);
    expect(result.stdout).not.toContain(password);
    expect(result).toMatchObject({ exitCode: 0, stderr: 'oops\n' });
    await connection.close();
  });

  test('may log in by password as well', async () => {
    const given = asUser({
      password: new Secret(password),
      privateKeyFile: path.join(sshd.folder, 'authorized_keys'),
    });
    expect(await visit(sshd, given)).toBe('root');
  });

  test('fails fast, after one try, when the password is wrong', async () => {
    const log = `${home}/sudo.log`;
    await allow(`Defaults:${user} logfile=${log}, passwd_tries=3`, `${user} ALL=(ALL) ALL`);
    const begin = performance.now();
    await expect(
      visit(sshd, asUser({ becomePassword: new Secret('wrong') })),
    ).rejects.toMatchObject({
      code: 'E_AUTHENTICATION',
      host: 'rs1',
      step: 'sudo',
      message: 'sudo refused the password',
    });
    expect(performance.now() - begin).toBeLessThan(9000);
    const tries = await readFile(log, 'utf8').catch(() => '');
    expect(tries).not.toMatch(/[23] incorrect password/);
  });

  test.each<[string, string, string, Given]>([
    [
      'a password is missing',
      '%u ALL=(ALL) ALL',
      'sudo asks for a password, and none is given',
      {},
    ],
    [
      'sudo is not allowed',
      '',
      'the login user may not become root by sudo',
      { becomePassword: new Secret(password) },
    ],
    [
      'sudo wants a terminal',
      'Defaults:%u requiretty\n%u ALL=(ALL) NOPASSWD: ALL',
      'sudo wants a terminal',
      {},
    ],
    [
      'becoming root is not wanted',
      '%u ALL=(ALL) NOPASSWD: ALL',
      'the login user is not root, and is not to become root',
      { become: false },
    ],
  ])('says what is wrong: %s', async (_name, rules, message, given) => {
    await allow(rules.replaceAll('%u', user));
    await expect(visit(sshd, asUser(given))).rejects.toMatchObject({
      code: 'E_AUTHENTICATION',
      host: 'rs1',
      message,
    });
  });

  test('what the login shell prints at its start is not taken for output', async () => {
    await writeFile(`${home}/.bashrc`, 'echo "Welcome to $HOSTNAME"; echo "mind the gap" >&2\n');
    const connection = await connectTo(sshd, asUser());
    expect(await connection.run(trusted('echo hello'))).toEqual({
      exitCode: 0,
      stdout: 'hello\n',
      stderr: '',
    });
    await connection.close();
    await rm(`${home}/.bashrc`);
  });

  describe('an upload, on a host with a /run and a /var/lib of its own', () => {
    let own: TestSshd;

    beforeAll(async () => {
      own = await startSshd({ ownState: true });
    });

    afterAll(async () => {
      await own.stop();
    });

    /** Where the host's /run is for this process. */
    const run = (name = ''): string => path.join(`/proc/${own.pid}/root/run`, name);

    test('ends up with root, and nothing is left on the way', async () => {
      const connection = await connectTo(own, asUser());
      const remote = path.join(own.folder, 'uploads/as-root');
      await connection.upload(own.keyFile, remote);
      expect(await readFile(remote, 'utf8')).toBe(await readFile(own.keyFile, 'utf8'));
      const { uid, gid, mode } = await stat(remote);
      expect({ uid, gid, mode: mode & 0o777 }).toEqual({ uid: 0, gid: 0, mode: 0o600 });
      const { stdout } = await connection.run(
        trusted('ls -d /run/lvslab-uploads/* /var/lib/lvslab-uploads/* 2>/dev/null; true'),
      );
      expect(stdout).toBe('');
      await connection.close();
    });

    test('touches nothing of others, and lies where no other user can put a thing', async () => {
      const others = '/tmp/lvslab.abcdef';
      await mkdir(others, { recursive: true });
      const connection = await connectTo(own, asUser());
      const watched = watch(run());
      const seen = new Promise<void>((resolve) => {
        watched.on('change', (_type, name) => {
          if (name === 'lvslab-uploads') resolve();
        });
      });
      await connection.upload(own.keyFile, path.join(own.folder, 'uploads/elsewhere'));
      await seen;
      watched.close();
      expect((await stat(others)).isDirectory()).toBe(true);
      await rm(others, { recursive: true });
      // A link in the place of the folder is not followed.
      await rm(run('lvslab-uploads'), { recursive: true, force: true });
      await symlink(home, run('lvslab-uploads'));
      await expect(
        connection.upload(own.keyFile, path.join(own.folder, 'uploads/nowhere')),
      ).rejects.toMatchObject({
        code: 'E_STEP_FAILED',
        step: 'upload',
        message: expect.stringContaining('/run/lvslab-uploads is not a folder of root'),
      });
      await connection.close();
    });
  });
});
