import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { inventoryFile } from '../../src/cli/inventory-file.ts';
import { labNamed } from '../../src/embedded/embedded-lab.ts';
import { expectExit, lvslab } from '../support/lvslab.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const MINUTE = 60_000;
const PROGRAM = path.resolve('bin/lvslab.js');

/** As docs/getting-started.md says it, with what the keystrokes below answer. */
const ANSWERS = `director: { address: 192.168.2.130, vip_interface: ens37, dip_interface: ens33, dip: 192.168.2.130 }
vip: 192.168.4.133
real_servers:
  - { address: 192.168.2.128, interface: ens37 }
  - { address: 192.168.2.129, interface: ens33, weight: 2 }
client: { address: 192.168.4.132 }
nginx: { version: VERSION, sha256: SHA256 }
`;

describe('the way of a new user, at a real terminal', () => {
  const name = 'lvnew';
  let folder: string;
  let nginx: { readonly nginx_version: string; readonly nginx_sha256: string };
  let terminal: Terminal;

  beforeAll(async () => {
    expectExit(await lvslab('lab', 'up', '-n', name), 0);
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-new-user-'));
    const known = await readFile(inventoryFile(name), 'utf8');
    const { all } = parse(known) as { all: { vars: typeof nginx & { nginx_tarball: string } } };
    nginx = all.vars;
    // What a person has in ~/.ssh/config who reaches such hosts; the rest is what they type.
    await writeFile(
      path.join(folder, 'ssh_config'),
      `Host 192.168.*
  IdentityFile ${labNamed(name).paths.state}/ssh/id_ed25519
  IdentityAgent none
  UserKnownHostsFile ${folder}/known_hosts
  ProxyCommand ip netns exec ${name} nc %h %p
`,
    );
    await writeFile(
      path.join(folder, 'ssh'),
      `#!/bin/sh\nexec /usr/bin/ssh -F ${folder}/ssh_config "$@"\n`,
      { mode: 0o755 },
    );
    await writeFile(
      path.join(folder, 'lvslab'),
      `#!/bin/sh\nexec ${process.execPath} ${PROGRAM} "$@"\n`,
      { mode: 0o755 },
    );
    // The tarball is at hand: this machine need not reach nginx.org.
    await writeFile(path.join(folder, 'own.yml'), `nginx_tarball: ${all.vars.nginx_tarball}\n`);
    terminal = await openTerminal(`cd ${folder}; PS1='$ ' exec sh -i`, {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      SSH_AUTH_SOCK: '',
    });
  }, 10 * MINUTE);

  afterAll(async () => {
    await terminal.close();
    await rm(folder, { recursive: true });
    expectExit(await lvslab('lab', 'down', '-n', name), 0);
  }, MINUTE);

  /** Types a command, and waits for its exit status. */
  async function type(command: string, patience = MINUTE): Promise<string> {
    const done = `${command.split(' ')[1] ?? ''} ended with`;
    await terminal.press(`${command}; echo "${done} $?"`, 'Enter');
    return await terminal.see(`\n${done} `, patience);
  }

  test(
    'init asks, looks at the hosts, draws the lab and writes the inventory',
    async () => {
      const { press, answer, see } = terminal;
      await press('lvslab init', 'Enter');
      await answer('User to log in to the hosts as (root)', 'Enter');
      await answer('How to log in', 'Enter');
      await answer('Where to log in to the director', '192.168.2.130', 'Enter');
      expect(await see("? The director's NIC towards the real")).toContain('Debian GNU/Linux');
      await press('Enter');
      await answer('Its address there, the DIP (192.168.2.130)', 'Enter');
      await answer('Prefix length (24)', 'Enter');
      await answer("The director's NIC towards the clients", 'Enter');
      await answer('The address that clients ask, the VIP', '192.168.4.133', 'Enter');
      await answer('Port of the service (80)', 'Enter');
      await answer('How many real servers (2)', 'Enter');
      await answer('Must they be logged in to through', 'Enter');
      for (const [number, address, weight] of [
        [1, '192.168.2.128', '1'],
        [2, '192.168.2.129', '2'],
      ]) {
        await answer(`Where to log in to real server ${number}`, String(address), 'Enter');
        await answer("Its NIC in the director's network", 'Enter');
        await answer('Its weight (1)', String(weight), 'Enter');
      }
      await answer('Who sends the test traffic', 'Up', 'Up', 'Enter');
      await answer('Where to log in to the client', '192.168.4.132', 'Enter');
      await answer('How the director chooses', 'Enter');
      await answer('nginx release to build', nginx.nginx_version, 'Enter');
      await answer('SHA-256 of its tarball', nginx.nginx_sha256, 'Enter');
      expect(await see('? File to write (lab.yml)')).toContain('VIP 192.168.4.133:80');
      await press('Enter');
      await answer('Plan now?', 'Enter');
      await see('Next: lvslab plan -i lab.yml');
    },
    2 * MINUTE,
  );

  test(
    'the same without a terminal, from a file of answers',
    async () => {
      const answers = ANSWERS.replace('VERSION', nginx.nginx_version).replace(
        'SHA256',
        nginx.nginx_sha256,
      );
      const given = path.join(folder, 'answers.yml');
      await writeFile(given, answers);
      const written = path.join(folder, 'unasked.yml');
      expectExit(await lvslab('init', '--answers', given, written), 0);
      expect(await readFile(written, 'utf8')).toBe(
        await readFile(path.join(folder, 'lab.yml'), 'utf8'),
      );
    },
    MINUTE,
  );

  test(
    'plan shows what there is to do, and apply does it once they agree',
    async () => {
      const planned = await type('lvslab plan -i lab.yml -e @own.yml');
      expect(planned).toMatch(/Plan: \d+ to add, \d+ to change, 0 to remove on 3 hosts\./);
      expect(planned).toContain('plan ended with 2');
      await terminal.press('lvslab apply -i lab.yml -e @own.yml; echo "apply $?"', 'Enter');
      await terminal.see('? Make these changes?', MINUTE);
      await terminal.press('y', 'Enter');
      const applied = await terminal.see('\napply ', 8 * MINUTE);
      expect(applied).toContain('OK: Applied and proved.');
      expect(applied).toContain('apply 0');
    },
    10 * MINUTE,
  );

  test(
    'verify proves it with traffic',
    async () => {
      const verified = await type('lvslab verify -i lab.yml -e @own.yml --requests 30', 3 * MINUTE);
      expect(verified).toMatch(/OK: all three witnesses agree/);
      expect(verified).toContain('verify ended with 0');
    },
    4 * MINUTE,
  );

  test(
    'teardown takes it back once they agree',
    async () => {
      await terminal.press('lvslab teardown -i lab.yml; echo "teardown $?"', 'Enter');
      await terminal.see('? Take this back', MINUTE);
      await terminal.press('y', 'Enter');
      const undone = await terminal.see('\nteardown ', 5 * MINUTE);
      expect(undone).toContain('OK: Taken back and proved.');
      expect(undone).toContain('teardown 0');
    },
    6 * MINUTE,
  );
});
