import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { inspect } from 'node:util';

import { describe, expect, test } from '@jest/globals';

import { Secret } from '../../../src/engine/model/secret.ts';
import { type Inventory } from '../../../src/inventory/inventory.ts';
import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import { Vault, type VaultPassword } from '../../../src/inventory/vault/vault.ts';
import {
  loadText,
  problemLines,
  problemsIn,
  problemsOf,
} from '../../support/inventory/load-inventory-text.ts';
import { vaultedFolder, vaultPasswords } from '../../support/inventory/vaulted-inventory.ts';

const hostsFile = path.join(vaultedFolder, 'hosts.yml');

function load(passwords: readonly VaultPassword[]): Promise<Inventory> {
  return loadInventory(hostsFile, { vaultPasswords: passwords });
}

async function problemsWith(passwords: readonly VaultPassword[]): Promise<string> {
  const error: unknown = await load(passwords).catch((caught: unknown) => caught);
  return problemLines(problemsIn(error)).join('\n').replaceAll(vaultedFolder, '');
}

const only = (id: string): readonly VaultPassword[] =>
  vaultPasswords.filter((one) => one.id === id);

describe('an inventory that ansible-vault has encrypted', () => {
  test('values and whole files are read, of both versions of the format', async () => {
    const { hosts } = await load(vaultPasswords);
    const director = hosts.get('director');
    expect(director?.connection).toMatchObject({ port: 2201, become: false });
    expect(director?.connection.password?.reveal()).toBe('täglich $(reboot)');
    const rs1 = hosts.get('rs1');
    expect(rs1?.settings).toMatchObject({
      lvs_rip: '192.168.2.128',
      lvs_page: 'ein Rechner',
      lvs_weight: 3,
    });
    expect(rs1?.connection.becomePassword?.reveal()).toBe('sudo geheim');
    expect(rs1?.vars.get('notes')?.value).toBe('{{ no template }}');
  });

  test('the order of the passwords makes no difference', async () => {
    const { hosts } = await load(vaultPasswords.toReversed());
    expect(hosts.get('rs1')?.connection.becomePassword?.reveal()).toBe('sudo geheim');
  });

  test('passwords are hidden wherever the inventory is printed', async () => {
    const inventory = await load(vaultPasswords);
    const printed = inspect(inventory, { depth: 12 }) + JSON.stringify([...inventory.hosts]);
    expect(printed).toContain('[redacted]');
    expect(printed).not.toMatch(/täglich|geheim|correct horse|battery staple/);
  });

  test('without a password, each place that needs one is told, with what to do', async () => {
    expect(await problemsWith([])).toMatchInlineSnapshot(`
     "group_vars/real_servers/vault.yml:1:1: the file is encrypted, and no vault password was given (give --ask-vault-pass, --vault-password-file FILE, or set ANSIBLE_VAULT_PASSWORD_FILE)
     host_vars/rs1.yml:1:1: the file is encrypted, and no vault password was given (give --ask-vault-pass, --vault-password-file FILE, or set ANSIBLE_VAULT_PASSWORD_FILE)
     hosts.yml:4:5: ansible_password is encrypted, and no vault password was given (give --ask-vault-pass, --vault-password-file FILE, or set ANSIBLE_VAULT_PASSWORD_FILE)
     hosts.yml:20:11: ansible_port is encrypted, and no vault password was given (give --ask-vault-pass, --vault-password-file FILE, or set ANSIBLE_VAULT_PASSWORD_FILE)"
    `);
  });

  test('with a wrong password, the vault id that it lacks is told', async () => {
    expect(await problemsWith(only('default'))).toMatchInlineSnapshot(`
     "group_vars/real_servers/vault.yml:1:1: the file is encrypted with another password than the vault password given, and its vault id is 'dev' (correct the vault password, or add the right one with --vault-id dev@FILE)
     hosts.yml:20:11: ansible_port is encrypted with another password than the vault password given, and its vault id is 'dev' (correct the vault password, or add the right one with --vault-id dev@FILE)"
    `);
    const wrong = ['a', 'b'].map((id) => ({ id, password: new Secret('guess') }));
    expect(await problemsWith(wrong)).toContain(
      "host_vars/rs1.yml:1:1: the file is encrypted with none of the vault passwords given ('a', 'b') (correct the vault password, or add the right one with --vault-id)",
    );
  });

  test('values that lvslab has no use for need no password', async () => {
    const { hosts } = await loadText({
      hosts: 'all: {hosts: {web: {token: !vault "$ANSIBLE_VAULT;1.1;AES256\\n00"}}}',
    });
    expect(hosts.get('web')?.vars.get('token')?.value).toEqual({
      text: '$ANSIBLE_VAULT;1.1;AES256\n00',
    });
  });

  test.each<[string, RegExp]>([
    ['$ANSIBLE_VAULT;1.1;AES256\\n3030', /ansible_user is encrypted, but damaged/],
    ['$ANSIBLE_VAULT;1.1;AES256', /is encrypted, but damaged/],
    ['$ANSIBLE_VAULT;1.0;AES\\n00', /a way that is known: version '1.0', cipher 'AES'/],
    ['$ANSIBLE_VAULT', /a way that is known: version '', cipher ''/],
    ['plain', /a way that is known/],
  ])('a value that is none is refused at its place: %s', async (text, expected) => {
    const hosts = `all: {hosts: {web: {ansible_user: !vault "${text}"}}}`;
    const vaultPasswords = only('default');
    const lines = problemLines(await problemsOf({ hosts, vaultPasswords }));
    expect(lines).toEqual([expect.stringMatching(expected)]);
    expect(lines[0]).toMatch(/^hosts.yml:1:21: /);
  });
});

describe('what is wrong in something encrypted is told without showing it', () => {
  const vaultPasswords = only('default');

  test.each<[string, string, string]>([
    ['a wrong value', 'lvs_weight: s3cret', 'lvs_weight must be a whole number from 0 to 65535'],
    ['no mapping', 's3cret', 'variables must be a mapping'],
    ['no YAML', 'a: "s3cret\n', 'what is encrypted is not usable as YAML from here on'],
    ['a stray line', 'a: 1\ns3cret\n  b: s3cret: x', 'what is encrypted is not usable as YAML'],
  ])('%s', async (_name, plain, expected) => {
    const { Vault: AnsibleVault } = await import('ansible-vault');
    const encrypted = await new AnsibleVault({ password: 'correct horse' }).encrypt(plain, 'x');
    const problems = await problemsOf({
      hosts: 'real_servers: {hosts: {web: }}',
      files: { 'group_vars/real_servers.yml': encrypted },
      vaultPasswords,
    });
    const text = problemLines(problems).join('\n');
    expect(text).toMatch(/^group_vars\/real_servers.yml:\d+:\d+: /);
    expect(text).toContain(expected);
    expect(text).not.toContain('s3cret');
  });

  test('a second word of a password in --extra-vars', async () => {
    const problems = await problemsOf({
      hosts: 'all: {hosts: {web: }}',
      extraVars: ['ansible_password=half s3cret'],
    });
    expect(problemLines(problems)).toEqual([
      '--extra-vars[1]:1:23: this is no key=value; a value with blanks in it must stand in quotes',
    ]);
  });
});

test('blanks and line ends that editors leave do no harm', async () => {
  const text = await readFile(path.join(vaultedFolder, 'host_vars/rs1.yml'), 'utf8');
  const opened = await new Vault(vaultPasswords).open(`${text.replaceAll('\n', ' \r\n')}\n\n`);
  expect(opened.ok && opened.plain.reveal()).toContain('lvs_page: "ein Rechner"\n');
});
