import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, test } from '@jest/globals';

import { Secret } from '../../../src/engine/model/secret.ts';
import { type Inventory } from '../../../src/inventory/inventory.ts';
import { hostsMatching } from '../../../src/inventory/groups/host-pattern.ts';
import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import { Vault } from '../../../src/inventory/vault/vault.ts';
import { withFiles } from '../../support/inventory/inventory-folder.ts';
import { vaultedFolder, vaultPasswords } from '../../support/inventory/vaulted-inventory.ts';

const run = promisify(execFile);
const lister = 'ansible-inventory';
const root = fileURLToPath(new URL('../../../', import.meta.url));
// A home without configuration: this machine's own settings are no part of the comparison.
const env = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  ANSIBLE_LOCAL_TEMP: tmpdir(),
};

/** Hosts with their variables, and groups with all of their hosts. */
interface Listing {
  readonly hosts: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

interface AnsibleGroup {
  readonly hosts?: readonly string[];
  readonly children?: readonly string[];
}

async function listedByAnsible(file: string, extraVars: readonly string[]): Promise<Listing> {
  const args = ['-i', file, '--list', ...extraVars.flatMap((value) => ['-e', value])];
  const { stdout } = await run(lister, args, { env });
  const { _meta: meta, ...groups } = JSON.parse(stdout) as Record<string, AnsibleGroup> & {
    _meta: { hostvars: Record<string, unknown> };
  };
  const members = (name: string): string[] => [
    ...(groups[name]?.hosts ?? []),
    ...(groups[name]?.children ?? []).flatMap(members),
  ];
  const names = [...new Set(members('all'))];
  return {
    hosts: Object.fromEntries(names.map((name) => [name, meta.hostvars[name] ?? {}])),
    groups: withoutEmpty(Object.keys(groups).map((name) => [name, members(name)])),
  };
}

function listedByUs(inventory: Inventory): Listing {
  return {
    hosts: Object.fromEntries(
      [...inventory.hosts.values()].map(({ name, vars }) => [
        name,
        Object.fromEntries([...vars].map(([key, { value }]) => [key, value])),
      ]),
    ),
    groups: withoutEmpty([...inventory.groups.values()].map(({ name, hosts }) => [name, hosts])),
  };
}

/** What opens the encrypted inventory, in Ansible's words. */
const vaultFlags = [
  ...['--vault-password-file', path.join(vaultedFolder, 'passwords/default')],
  ...['--vault-id', `dev@${path.join(vaultedFolder, 'passwords/dev')}`],
];

function revealed(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}

/** Ansible doesn't list groups without hosts everywhere. */
function withoutEmpty(
  groups: readonly (readonly [string, readonly string[]])[],
): Record<string, string[]> {
  return Object.fromEntries(
    groups
      .filter(([, hosts]) => hosts.length > 0)
      .map(([name, hosts]) => [name, [...new Set(hosts)].sort()]),
  );
}

const files = [
  ...readdirSync(path.join(root, 'inventory')).map((name) => `inventory/${name}`),
  ...readdirSync(path.join(root, 'test/cases/inventories')).map(
    (name) => `test/cases/inventories/${name}/hosts.yml`,
  ),
].filter((name) => name.endsWith('.yml'));

// Installed but broken is a failure, not a reason to skip.
const installed = spawnSync(lister, ['--version'], { env }).error === undefined;
const suite = installed ? describe : describe.skip;

suite(
  'with ansible-inventory (skipped where it is not installed: apt-get install ansible-core)',
  () => {
    test.each(files)('%s means the same to Ansible and to lvslab', async (name) => {
      const file = path.join(root, name);
      expect(listedByUs(await loadInventory(file))).toEqual(await listedByAnsible(file, []));
    });

    test('extra variables mean the same', async () => {
      const file = path.join(root, 'test/cases/inventories/precedence/hosts.yml');
      const extraVars = [
        'who=extra other="two words"',
        '{"n": 1, "who": ["later"]}',
        'equation=a=b',
      ];
      const ours = listedByUs(await loadInventory(file, { extraVars }));
      expect(ours).toEqual(await listedByAnsible(file, extraVars));
    });

    test('encrypted values and files mean the same', async () => {
      const file = path.join(vaultedFolder, 'hosts.yml');
      const inventory = await loadInventory(file, { vaultPasswords });
      const names = ['ansible_password', 'ansible_become_password', 'ansible_port', 'lvs_page'];
      const ours = [...inventory.hosts.values()].map(({ name, vars }) => [
        name,
        names.map((one) => revealed(vars.get(one)?.value ?? null)),
      ]);
      const list = names.map((name) => `${name} | default(none)`).join(', ');
      const args = [...vaultFlags, '-i', file, 'all', '-m', 'debug', '-a', `msg={{ [${list}] }}`];
      const { stdout } = await run('ansible', [...args, '--one-line'], { env });
      const theirs = [...stdout.matchAll(/^(\S+) \| SUCCESS => (.*)$/gm)].map(
        ([, name = '', result = '']) => [name, (JSON.parse(result) as { msg: unknown }).msg],
      );
      expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
      const encrypted = await run(lister, [...vaultFlags, '-i', file, '--list'], { env });
      expect(encrypted.stdout).toContain('"lvs_page": "ein Rechner"');
    });

    test('what ansible-vault encrypts now is read, whatever it is', async () => {
      const texts = [
        '',
        ' ',
        'x'.repeat(15),
        'y'.repeat(16),
        'z'.repeat(5000),
        'ä€😀\n\ttwo lines\n',
      ];
      const passwords = [{ id: 'late', password: new Secret("it's $(late)") }];
      await withFiles(
        { password: `${passwords[0]?.password.reveal() ?? ''}\n` },
        async (folder) => {
          for (const [i, text] of texts.entries()) {
            const file = path.join(folder, `text${i}`);
            await writeFile(file, text);
            const id = i % 2 === 0 ? 'default' : 'late';
            const flags = ['--vault-id', `${id}@${folder}/password`, '--encrypt-vault-id', id];
            await run('ansible-vault', ['encrypt', ...flags, file], { env });
            const opened = await new Vault(passwords).open(await readFile(file, 'utf8'));
            expect(opened.ok && opened.plain.reveal()).toBe(text);
          }
        },
      );
    });

    test.each(['east:!web01', 'web0?:&deep', '!site'])(
      '--limit %s means the same',
      async (pattern) => {
        const file = path.join(root, 'test/cases/inventories/precedence/hosts.yml');
        const { stdout } = await run('ansible', ['-i', file, pattern, '--list-hosts'], { env });
        const [, ...theirs] = stdout.trim().split(/\s*\n\s*/);
        expect([...hostsMatching(await loadInventory(file), pattern)].sort()).toEqual(
          theirs.sort(),
        );
      },
    );
  },
);
