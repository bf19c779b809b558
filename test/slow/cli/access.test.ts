import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { lvslab } from '../../support/lvslab.ts';
import { runProgram } from '../../support/processes.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';
import { openTerminal } from '../../support/terminal.ts';
import { vaultedFolder } from '../../support/inventory/vaulted-inventory.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/lvslab.js', import.meta.url));

jest.setTimeout(120_000);

describe('vault passwords', () => {
  const inventory = path.join(vaultedFolder, 'hosts.yml');
  const known = [
    ...['--vault-id', `dev@${vaultedFolder}passwords/dev`],
    ...['--vault-password-file', `${vaultedFolder}passwords/default`],
  ];
  let folder: string;

  beforeAll(async () => {
    await lvslab('--version');
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-access-'));
    // Says what it was called with, as a password.
    const client = path.join(folder, 'keys-client.sh');
    await writeFile(client, '#!/bin/sh\n[ "$*" = "--vault-id dev" ] && echo "battery staple"\n');
    await chmod(client, 0o755);
    await writeFile(path.join(folder, 'empty'), '\n');
    await writeFile(path.join(folder, 'fails'), '#!/bin/sh\necho half; exit 3\n', { mode: 0o755 });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  // The lab that the inventory describes has a mistake, which can only be told when all of it has been read.
  test('come from files, and from what programs print', async () => {
    const { stderr } = await lvslab('plan', '-i', inventory, ...known, '-e', 'lvs_port=none');
    expect(stderr).toContain('lvs_port must be a port');
    expect(stderr).not.toContain('encrypted');
  });

  test('come from programs that know several, and are told which', async () => {
    const args = ['--vault-id', `dev@${folder}/keys-client.sh`, ...known.slice(2)];
    const { stderr } = await lvslab('plan', '-i', inventory, ...args, '-e', 'lvs_port=none');
    expect(stderr).toContain('lvs_port must be a port');
    expect(stderr).not.toContain('encrypted');
  });

  test('missing ones are told with file and line', async () => {
    const { exitCode, stderr } = await lvslab('plan', '-i', inventory);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/hosts\.yml:4:5: ansible_password is encrypted, and no vault password/);
    expect(stderr).toContain('--ask-vault-pass');
  });

  test.each([
    ['nowhere', 'there is no such file'],
    ['empty', 'it is empty'],
    ['fails', 'the program ended with status 3'],
  ])('a source that gives none is named: %s', async (name, reason) => {
    const file = path.join(folder, name);
    const { exitCode, stderr } = await lvslab('plan', '-i', inventory, '--vault-id', `x@${file}`);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`the password file ${file} can't be used: ${reason}`);
    expect(stderr).not.toContain('    at ');
  });

  test.each([
    ['--ask-vault-pass', 'ANSIBLE_VAULT_PASSWORD_FILE'],
    ['--ask-pass', '--connection-password-file FILE'],
    ['--ask-become-pass', '--become-password-file FILE'],
  ])('without a terminal %s says what helps', async (flag, help) => {
    const args = flag === '--ask-vault-pass' ? [flag] : [...known, flag];
    const { exitCode, stderr } = await lvslab('plan', '-i', inventory, ...args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('there is no terminal to ask on');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(help);
  });
});

const asRoot = process.getuid?.() === 0 && existsSync('/etc/sudoers.d') ? describe : describe.skip;

asRoot('passwords for hosts', () => {
  const user = `lvslab-ask-${process.pid}`;
  const sudoers = `/etc/sudoers.d/${user}`;
  const password = 'tr0ub4dor';
  const sshds: TestSshd[] = [];
  let folder: string;

  beforeAll(async () => {
    await lvslab('--version');
    await runProgram('useradd', ['-r', '-m', '-d', `/tmp/${user}`, '-s', '/bin/bash', user]);
    const setPassword = spawn('chpasswd', { stdio: ['pipe', 'ignore', 'ignore'] });
    setPassword.stdin.end(`${user}:${password}\n`);
    await new Promise((resolve) => setPassword.on('close', resolve));
    await writeFile(
      sudoers,
      `Defaults:${user} logfile=/tmp/${user}/sudo.log\n${user} ALL=(ALL) ALL\n`,
      {
        mode: 0o440,
      },
    );
    sshds.push(await startSshd({ ownState: true }), await startSshd({ ownState: true }));
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-ask-'));
    const ports = sshds.map(({ port }) => port);
    await writeFile(
      path.join(folder, 'lab.yml'),
      `all:
  vars:
    ansible_host: 127.0.0.1
    ansible_user: ${user}
    ansible_become: true
    ansible_ssh_common_args: -F /dev/null -o UserKnownHostsFile=${folder}/known_hosts -o IdentityAgent=none -o IdentityFile=none
    lvs_vip: 192.168.4.133
    lvs_dip: 192.168.2.130
  children:
    director:
      hosts: {dir: {ansible_port: ${ports[0] ?? 0}, lvs_vip_interface: ens37, lvs_dip_interface: ens33}}
    real_servers:
      hosts: {rs1: {ansible_port: ${ports[1] ?? 0}, lvs_rip: 192.168.2.128, lvs_interface: ens33}}
`,
    );
    await writeFile(
      path.join(folder, 'play.ts'),
      `import { definePlaybook, directory } from 'lvslab';
export default definePlaybook({
  name: 'one folder',
  plays: ['director', 'real_servers'].map((hosts) => ({
    name: hosts,
    hosts,
    resources: () => [directory({ path: '/var/lib/thing' })],
  })),
});
`,
    );
    await writeFile(path.join(folder, 'right'), password);
    await writeFile(path.join(folder, 'wrong'), 'correct horse');
  });

  afterAll(async () => {
    await Promise.all(sshds.map((sshd) => sshd.stop()));
    await rm(folder, { recursive: true });
    await rm(sudoers, { force: true });
    await runProgram('userdel', ['-r', user]).catch(() => undefined);
  });

  const plan = (...args: readonly string[]): readonly string[] => [
    ...['plan', '-i', path.join(folder, 'lab.yml'), '-p', path.join(folder, 'play.ts'), ...args],
  ];

  test('are asked for once for all hosts; sudo takes that of the login where nothing is typed', async () => {
    const command = [
      PROGRAM,
      ...plan('--ask-pass', '--ask-become-pass', '--host-key-checking', 'accept-new'),
    ].join(' ');
    const terminal = await openTerminal(`node ${command}; echo "exit $?"`, { HOME: folder });
    try {
      await terminal.answer('Password for the logins', password, 'Enter');
      await terminal.answer('Password for sudo (empty: the same)', 'Enter');
      const screen = await terminal.see('exit 2');
      expect(screen.match(/Password for/g)).toHaveLength(2);
      expect(screen).not.toContain(password);
      expect(screen).toContain('Plan: 2 to add');
    } finally {
      await terminal.close();
    }
  });

  test('Ctrl-C at the question leaves, and no host was contacted', async () => {
    const command = [PROGRAM, ...plan('--ask-pass')].join(' ');
    const terminal = await openTerminal(`node ${command}; echo "exit $?"`, { HOME: folder });
    try {
      await terminal.answer('Password for the logins', 'C-c');
      expect(await terminal.see('exit 130')).not.toContain('rs1');
    } finally {
      await terminal.close();
    }
  });

  test('come from files, where there is no terminal', async () => {
    const right = path.join(folder, 'right');
    const files = ['--connection-password-file', right, '--become-password-file', right];
    expect(await lvslab(...plan(...files))).toMatchObject({ exitCode: 2, stderr: '' });
  });

  test('a wrong one for sudo is tried once on each host, and told within seconds', async () => {
    const [right, wrong] = ['right', 'wrong'].map((name) => path.join(folder, name));
    const began = performance.now();
    const { exitCode, stdout } = await lvslab(
      ...plan('--connection-password-file', right ?? '', '--become-password-file', wrong ?? ''),
    );
    const seconds = (performance.now() - began) / 1000;
    expect(exitCode).toBe(1);
    expect(stdout).toContain('sudo refused the password');
    expect(stdout).toContain('--ask-become-pass`');
    expect(stdout).not.toContain('correct horse');
    const log = await readFile(`/tmp/${user}/sudo.log`, 'utf8');
    expect(log).not.toMatch(/[2-9] incorrect password/);
    // pam_unix makes a wrong password wait for 2 s; the rest is the program's start on a busy machine.
    expect(seconds).toBeLessThan(15);
  });

  test('none at all is told with what gives one', async () => {
    const right = path.join(folder, 'right');
    const { stdout } = await lvslab(...plan('--connection-password-file', right));
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /Give it with `\S*bin\/lvslab\.js plan [^`]* --ask-become-pass`/,
    );
    const locked = await lvslab(...plan());
    expect(locked.stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /give a password with `[^`]* --ask-pass`/,
    );
  });
});
