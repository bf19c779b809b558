import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';

import { inventoryFile } from '../../src/cli/session/inventory-file.ts';
import { expectExit, lvslab } from '../support/lvslab.ts';

const MINUTE = 60_000;
const NAME = 'lvjump';
const DIRECTOR = '192.168.2.130';

/** As much of the lab's inventory as is changed here. */
interface LabInventory {
  readonly all: {
    readonly vars: Readonly<Record<string, unknown>>;
    readonly children: { readonly real_servers: { vars?: Readonly<Record<string, string>> } };
  };
}

describe('real servers that are logged in to through their director', () => {
  let folder: string;
  let inventory: string;

  beforeAll(async () => {
    expectExit(await lvslab('lab', 'up', '-n', NAME), 0);
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-jump-'));
    inventory = await writeInventory();
  }, 10 * MINUTE);

  afterAll(async () => {
    await rm(folder, { recursive: true });
    expectExit(await lvslab('lab', 'down', '-n', NAME), 0);
  }, MINUTE);

  async function writeInventory(): Promise<string> {
    const lab = parse(await readFile(inventoryFile(NAME), 'utf8')) as LabInventory;
    const { vars, children } = lab.all;
    const config = path.join(folder, 'ssh_config');
    const known = path.join(path.dirname(inventoryFile(NAME)), 'ssh/known_hosts');
    // The way to the director is in the configuration alone: there is no other way to the real servers than through it.
    await writeFile(
      config,
      `Host ${DIRECTOR} 192.168.4.*
 ProxyCommand ip netns exec ${NAME} nc %h %p
Host *
 IdentityFile ${String(vars['ansible_ssh_private_key_file'])}
 IdentityAgent none
 UserKnownHostsFile ${known}
 StrictHostKeyChecking yes
`,
    );
    children.real_servers.vars = {
      ansible_ssh_common_args: `-F ${config} -o ProxyJump=root@${DIRECTOR}`,
    };
    const all = { ...lab.all, vars: { ...vars, ansible_ssh_common_args: `-F ${config}` } };
    const file = path.join(folder, 'lab.yml');
    await writeFile(file, stringify({ all }, { lineWidth: 0 }));
    return file;
  }

  const withAnsible =
    spawnSync('ansible', ['--version']).error === undefined ? describe : describe.skip;

  async function raw(command: string): Promise<string> {
    const env = { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8' };
    const options = [
      '-i',
      inventory,
      '-m',
      'raw',
      '-a',
      command,
      '--one-line',
      '--timeout',
      '60',
      'all',
    ];
    const args = { ANSIBLE_LOCAL_TEMP: folder, ANSIBLE_SSH_ARGS: '-o ControlMaster=no' };
    return (await promisify(execFile)('ansible', options, { env: { ...env, ...args } })).stdout;
  }

  test(
    'are set up and proved, and the way there is never cut',
    async () => {
      const applied = await lvslab('apply', '-i', inventory, '--yes');
      expectExit(applied, 0);
      expect(applied.stdout).toContain('OK: Applied and proved.');
      expectExit(await lvslab('plan', '-i', inventory), 0);
      const verified = await lvslab('verify', '-i', inventory);
      expectExit(verified, 0);
      expect(verified.stdout).toContain('all three sources agree');
    },
    15 * MINUTE,
  );

  withAnsible('and Ansible (skipped where it is not installed)', () => {
    test(
      'are reached with the same inventory, from the same place',
      async () => {
        const output = await raw('echo from ${SSH_CONNECTION%% *}');
        const from = Object.fromEntries(
          [...output.matchAll(/^(\w+) \| CHANGED \| rc=0 .*?from ([\d.]+)/gm)].map(
            ([, host = '', address = '']) => [host, address],
          ),
        );
        expect(from).toMatchObject({ rs1: DIRECTOR, rs2: DIRECTOR });
        expect(Object.keys(from).toSorted()).toEqual(['client', 'director', 'rs1', 'rs2']);
      },
      2 * MINUTE,
    );
  });

  test(
    'go back to what they were, on the way by which they were changed',
    async () => {
      expectExit(await lvslab('teardown', '-i', inventory, '--yes'), 0);
    },
    5 * MINUTE,
  );
});
