import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { connect } from '../../../src/cli/session/hosts/connect.ts';
import { trusted } from '../../../src/engine/model/shell/script.ts';
import { Secret } from '../../../src/engine/model/secret.ts';
import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import { runProgram } from '../../support/processes.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';

const installed = spawnSync('ansible', ['--version']).error === undefined;
const canRun = installed && process.getuid?.() === 0 && existsSync('/etc/sudoers.d');
const suite = canRun ? describe : describe.skip;

jest.setTimeout(120_000);

suite(
  'the same inventory for lvslab and ansible (skipped where it is not installed: apt-get install ansible-core)',
  () => {
    const user = `lvslab-ans-${process.pid}`;
    const sudoers = `/etc/sudoers.d/${user}`;
    const password = randomBytes(6).toString('hex');
    const vaultPassword = randomBytes(6).toString('hex');
    let target: TestSshd;
    let jump: TestSshd;
    let folder: string;

    beforeAll(async () => {
      await runProgram('useradd', ['-r', '-m', '-d', `/tmp/${user}`, '-s', '/bin/bash', user]);
      const setPassword = spawn('chpasswd', { stdio: ['pipe', 'ignore', 'ignore'] });
      setPassword.stdin.end(`${user}:${password}\n`);
      await new Promise((resolve) => setPassword.on('close', resolve));
      await writeFile(sudoers, `${user} ALL=(ALL) ALL\n`, { mode: 0o440 });
      target = await startSshd();
      jump = await startSshd();
      const key = await readFile(`${target.keyFile}.pub`, 'utf8');
      await appendFile(path.join(jump.folder, 'authorized_keys'), key);
      folder = await mkdtemp(path.join(tmpdir(), 'lvslab-ansible-'));
      await writeInventory();
    });

    afterAll(async () => {
      await Promise.all([target.stop(), jump.stop()]);
      await rm(folder, { recursive: true });
      await rm(sudoers, { force: true });
      await runProgram('userdel', ['-r', user]).catch(() => undefined);
    });

    async function writeInventory(): Promise<void> {
      const { Vault } = await import('ansible-vault');
      const sudo = await new Vault({ password: vaultPassword }).encrypt(password, 'default');
      await writeFile(path.join(folder, 'vault-password'), vaultPassword);
      await writeFile(
        path.join(folder, 'known_hosts'),
        (await Promise.all([target, jump].map((one) => readFile(one.knownHosts, 'utf8')))).join(''),
      );
      await writeFile(
        path.join(folder, 'ssh_config'),
        `Include ${folder}/included\nHost *\n IdentityFile ${target.keyFile}\n IdentityAgent none\n UserKnownHostsFile ${folder}/known_hosts\n GlobalKnownHostsFile none\n StrictHostKeyChecking yes\n`,
      );
      await writeFile(
        path.join(folder, 'included'),
        `Host gate\n HostName 127.0.0.1\n Port ${jump.port}\n User root\nHost named\n HostName 127.0.0.1\n Port ${target.port}\n ProxyJump gate\n`,
      );
      const relay = `ssh -F ${folder}/ssh_config -W %h:%p gate`;
      await writeFile(
        path.join(folder, 'hosts.yml'),
        `all:
  vars:
    ansible_user: ${user}
    ansible_become: true
    ansible_become_password: !vault |
${sudo.replaceAll(/^/gm, '      ')}
  hosts:
    by_command:
      ansible_host: 127.0.0.1
      ansible_port: ${target.port}
      ansible_ssh_common_args: -F ${folder}/ssh_config -o ProxyCommand="${relay}"
    by_jump:
      ansible_host: 127.0.0.1
      ansible_port: ${target.port}
      ansible_ssh_common_args: -F ${folder}/ssh_config -o ProxyJump=gate
    by_config:
      ansible_host: named
      ansible_ssh_common_args: -F ${folder}/ssh_config
`,
      );
    }

    test('both get through a ProxyCommand, a jump host and an included ssh_config, and become root', async () => {
      const file = path.join(folder, 'hosts.yml');
      const { stdout } = await promisify(execFile)(
        'ansible',
        [
          ...['-i', file, '--vault-password-file', path.join(folder, 'vault-password')],
          ...['-m', 'raw', '-a', 'id -u', 'all', '--one-line'],
        ],
        {
          env: {
            PATH: process.env['PATH'],
            HOME: folder,
            LC_ALL: 'C.UTF-8',
            ANSIBLE_LOCAL_TEMP: folder,
            // No connection that stays open behind.
            ANSIBLE_SSH_ARGS: '-o ControlMaster=no',
          },
        },
      );
      const theirs = [
        ...stdout.matchAll(/^(\w+) \| CHANGED \| rc=0 \| \(stdout\) (?:\\r\\n)?0\\r/gm),
      ];
      expect(theirs.map(([, name]) => name).toSorted()).toEqual([
        'by_command',
        'by_config',
        'by_jump',
      ]);

      const vaultPasswords = [{ id: 'default', password: new Secret(vaultPassword) }];
      const { hosts } = await loadInventory(file, { vaultPasswords });
      for (const host of hosts.values()) {
        const said: string[] = [];
        const reporter = { say: (text: string) => void said.push(text) };
        const connection = await connect(
          host,
          { passphrases: new Map() },
          { reporter: reporter as never, signal: AbortSignal.timeout(60_000) },
        );
        const { stdout: who } = await connection.run(trusted('id -u'));
        await connection.close();
        expect([host.name, who.trim(), said]).toEqual([host.name, '0', []]);
      }
    });
  },
);
