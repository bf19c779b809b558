import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  type DisguisedHost,
  disguisedInventory,
  startDisguisedHost,
} from '../../support/ssh/disguised-host.ts';
import { lvslab } from '../../support/lvslab.ts';
import { runProgram } from '../../support/processes.ts';
import { makeKey } from '../../support/ssh/sshd.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';

jest.setTimeout(60_000);

/** What a person does wrong, or finds broken, and what they must be told. */
interface Provocation {
  /** Shell that runs on the host before every command: what is wrong with it. */
  readonly host?: string;
  /** Parts of the inventory that are replaced; FOLDER is a folder of the test. */
  readonly inventory?: readonly (readonly [string | RegExp, string])[];
  /** The content of a playbook of the person's own. */
  readonly playbook?: string;
  readonly args?: readonly string[];
  /** Host, step, what happened, code. */
  readonly says: RegExp;
  /** What to do. */
  readonly hint: RegExp;
}

const PLAYBOOK = `import { definePlaybook, file, renderTemplate } from 'lvslab';

export default definePlaybook({
  name: 'mine',
  plays: [
    {
      name: 'welcome',
      hosts: 'real_servers',
      resources: () => [file({ path: '/usr/local/motd', content: 'hello' })],
    },
  ],
});
`;

const provocations: readonly (readonly [string, Provocation])[] = [
  [
    'the password is wrong',
    {
      inventory: [
        [/ansible_ssh_private_key_file: .*/, 'ansible_password: wrong'],
        ['-o IdentityAgent', '-o IdentityFile=none -o IdentityAgent'],
      ],
      says: /lb1: connect: the login as root was refused: tried the password.*E_AUTHENTICATION/,
      hint: /→ Correct ansible_password, .*it was tried once/,
    },
  ],
  [
    'the host shows another key than the known one',
    {
      inventory: [[/UserKnownHostsFile=\S+/, 'UserKnownHostsFile=FOLDER/known_hosts']],
      says: /lb1: connect: the key of .* has changed: .*SHA256:.*the host shows.*SHA256:.*E_HOST_KEY/,
      hint: /→ If the host was set up anew, forget its old key with `ssh-keygen -R/,
    },
  ],
  [
    'nobody listens there',
    {
      inventory: [[/ansible_port: \d+/, 'ansible_port: 1']],
      says: /lb1: connect: 127\.0\.0\.1:1 refused the connection.*E_CONNECT/,
      hint: /→ Check that sshd runs on the host and listens on this port \(ansible_port\)/,
    },
  ],
  [
    'the name of the host is not known',
    {
      inventory: [['ansible_host: 127.0.0.1', 'ansible_host: nowhere.invalid']],
      says: /lb1: connect: the name of nowhere\.invalid:\d+ is not known.*E_CONNECT/,
      hint: /→ Correct ansible_host, or the DNS/,
    },
  ],
  [
    'the operating system is none that is supported',
    {
      host: `echo 'ID=alpine\nVERSION_ID=3.20\nPRETTY_NAME="Alpine Linux"' >/run/os-release
mount --bind /run/os-release /etc/os-release`,
      says: /lb1: facts: this is Alpine Linux.*E_PLATFORM/,
      hint: /→ Use a host with one of: CentOS 7/,
    },
  ],
  [
    "the director's kernel has no IPVS",
    {
      host: "printf '#!/bin/sh\\nexit 1\\n' >/usr/local/sbin/modprobe; chmod +x /usr/local/sbin/modprobe; mount -t tmpfs none /proc/net 2>/dev/null || :",
      says: /lb1: kernel module ip_vs: the kernel \S+ has no IPVS.*E_MISSING_ON_HOST/,
      hint: /→ Boot the distribution's own kernel/,
    },
  ],
  [
    'the director has no second NIC',
    {
      args: ['-e', 'lvs_vip_interface=ens99'],
      says: /lb1: network interface ens99: there is no NIC ens99; found: .*ens33.*E_MISSING_ON_HOST/,
      hint: /→ .*lvs_vip_interface[^]*add a network card: in VMware/,
    },
  ],
  [
    'the YAML is broken',
    {
      inventory: [['lvs_scheduler: wrr', 'lvs_scheduler: [wrr']],
      says: /E_INVENTORY\]\n.*lab\.yml:\d+:\d+: .*must be .*end with a \]/,
      hint: /→ Correct the places named above/,
    },
  ],
  [
    'a variable is not known',
    {
      inventory: [['lvs_scheduler', 'lvs_schedular']],
      says: /lab\.yml:\d+:\d+: unknown variable "lvs_schedular" \(did you mean lvs_scheduler\?\)/,
      hint: /→ .*docs\/inventory\.md/,
    },
  ],
  [
    'a playbook has a syntax error',
    {
      playbook: PLAYBOOK.replace("'welcome',", "'welcome'"),
      says: /own\.ts can't be loaded: line 8: .*E_PLAYBOOK\]\n +7 \| +name: 'welcome'\n +> 8 \| +hosts/,
      hint: /→ Correct the playbook there/,
    },
  ],
  [
    'a playbook uses what is not there',
    {
      playbook: PLAYBOOK.replace('[file(', '[fiel('),
      args: ['-l', 'rs1'],
      says: /rs1: playbook: play 'welcome': fiel is not defined.*E_PLAYBOOK\]\n.*own\.ts:9:\n.*\n.*> 9 \|.*fiel/,
      hint: /→ Correct the playbook there/,
    },
  ],
  [
    'a play is for a group that is not there',
    {
      playbook: PLAYBOOK.replace('real_servers', 'realservers'),
      says: /play 'welcome' is for 'realservers', which is no group.*real_servers.*E_PLAYBOOK/,
      hint: /→ There are: all, director, real_servers/,
    },
  ],
  [
    'there is no such playbook',
    {
      args: ['-p', '/nowhere/own.ts'],
      says: /there is no playbook \/nowhere\/own\.ts \[E_PLAYBOOK\]/,
      hint: /→ Correct the path after --playbook/,
    },
  ],
  [
    'a template lacks a value',
    {
      playbook: PLAYBOOK.replace("'hello'", "renderTemplate('FOLDER/welcome.hbs', { name: 'x' })"),
      args: ['-l', 'rs1'],
      says: /rs1: template \S+welcome\.hbs: variable 'nmae' is not set.*E_TEMPLATE/,
      hint: /→ Given are: name\./,
    },
  ],
  [
    'what is to be read on the host can not be read',
    {
      playbook: PLAYBOOK.replace('/usr/local/motd', '/usr/local/sbin'),
      args: ['-l', 'rs1'],
      says: /rs1: file \/usr\/local\/sbin: the state could not be told: .*E_OBSERVE/,
      hint: /→ Look at this on the host itself; nothing was changed there/,
    },
  ],
];

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('what a person is told when', () => {
  let host: DisguisedHost;
  let folder: string;
  let terminal: Terminal | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-provoked-'));
    host = await startDisguisedHost();
    await makeKey(path.join(folder, 'other'), 'ed25519');
    const other = await readFile(path.join(folder, 'other.pub'), 'utf8');
    await writeFile(path.join(folder, 'known_hosts'), `[127.0.0.1]:${host.sshd.port} ${other}`);
    await writeFile(path.join(folder, 'welcome.hbs'), 'Welcome to {{nmae}}\n');
    await lvslab('--version');
  });

  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });

  afterAll(async () => {
    await host.stop();
    await rm(folder, { recursive: true });
  });

  /** The arguments of a plan that goes wrong so. */
  async function provoke({
    host: broken = ':',
    inventory = [],
    playbook,
    args = [],
  }: Partial<Provocation>): Promise<readonly string[]> {
    await host.breakIt(broken);
    const here = (text: string): string => text.replaceAll('FOLDER', folder);
    const text = inventory.reduce(
      (written, [before, after]) => written.replace(before, here(after)),
      disguisedInventory(host.sshd),
    );
    const file = path.join(folder, 'lab.yml');
    await writeFile(file, text);
    const own = path.join(folder, 'own.ts');
    if (playbook !== undefined) await writeFile(own, here(playbook));
    const limit = args.includes('-l') ? [] : ['-l', 'lb1'];
    return ['-i', file, ...limit, ...(playbook === undefined ? [] : ['-p', own]), ...args];
  }

  test.each(provocations)('%s', async (_what, provocation) => {
    const args = await provoke(provocation);
    const { exitCode, stdout, stderr } = await lvslab('plan', ...args);
    const told = stdout + stderr;
    expect(told).toMatch(provocation.says);
    expect(told).toMatch(provocation.hint);
    expect(told).not.toMatch(/^\S*\s+at |mistake in lvslab/m);
    expect(exitCode).toBe(1);
  });

  test('the connection breaks in the middle', async () => {
    // The server's own process for this connection.
    const args = await provoke({ host: 'kill -KILL "$PPID"; sleep 9' });
    const { exitCode, stdout } = await lvslab('plan', ...args);
    expect(stdout).toMatch(/lb1: .*connection.*E_CONN/);
    expect(stdout).toContain('→');
    expect(exitCode).toBe(1);
  });

  test('they press Ctrl-C: at once in words, and with the exit status of an interruption', async () => {
    const args = await provoke({ host: 'sleep 5' });
    terminal = await openTerminal(`node bin/lvslab.js plan ${args.join(' ')}; echo "exit $?"`);
    await terminal.see('connecting');
    await terminal.press('C-c');
    await terminal.see('Stopping. ');
    expect(await terminal.see('exit 130')).not.toContain('mistake');
  });

  test.each([
    ['a changed key', 'UserKnownHostsFile=FOLDER/follow', []],
    [
      'a key that is not known',
      'UserKnownHostsFile=FOLDER/fresh',
      ['--host-key-checking', 'strict'],
    ],
  ])(
    'the command that %s is told with mends it, typed as it stands',
    async (_what, option, more) => {
      const known = await readFile(path.join(folder, 'known_hosts'), 'utf8').catch(() => '');
      await writeFile(path.join(folder, 'follow'), known);
      await host.breakIt(':');
      const args = await provoke({ inventory: [[/UserKnownHostsFile=\S+/, option]], args: more });
      const { stdout } = await lvslab('plan', ...args);
      expect(stdout).toContain('E_HOST_KEY');
      const commands = [...stdout.matchAll(/`([^`]*)`/g)].map(([, command = '']) => command);
      const command = commands.find((one) => /^(ssh-keygen -R|echo) /.test(one)) ?? 'false';
      await runProgram('sh', ['-c', command]);
      expect((await lvslab('plan', ...args)).stdout).not.toContain('E_HOST_KEY');
    },
  );
});
