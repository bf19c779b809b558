import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { inventoryFile } from '../../src/cli/session/inventory-file.ts';
import { labNamed } from '../../src/embedded/embedded-lab.ts';
import { expectExit, lvslab } from '../support/lvslab.ts';
import { openTerminal, type Terminal } from '../support/terminal.ts';

const MINUTE = 60_000;
const REPOSITORY = path.resolve();
const PAGE = path.join(REPOSITORY, 'docs/getting-started.md');

/** What the page says to type: the line that makes `lvslab` a command, the way in, and the whole way, in its order. */
async function documented(): Promise<{
  readonly alias: string;
  readonly wayIn: string;
  readonly commands: readonly string[];
}> {
  const page = await readFile(PAGE, 'utf8');
  const way = /^## The whole way\n.*?^```\n(.*?)^```/ms.exec(page)?.[1] ?? '';
  return {
    alias: /`(alias lvslab=[^`]+)`/.exec(page)?.[1] ?? '',
    wayIn: /`(ssh root@\S+ id)`/.exec(page)?.[1] ?? '',
    commands: way
      .trim()
      .split('\n')
      .map((line) => line.replace(/ +#.*/, '')),
  };
}

/** As docs/getting-started.md says it, with what the keystrokes below answer. */
const ANSWERS = `director: { address: 192.168.2.130, vip_interface: ens37, dip_interface: ens33, dip: 192.168.2.130 }
vip: 192.168.4.133
real_servers:
  - { address: 192.168.2.128, interface: ens37 }
  - { address: 192.168.2.129, interface: ens33, weight: 2 }
client: { address: 192.168.4.132 }
nginx: { version: VERSION, sha256: SHA256 }
`;

describe('the way of a new user, at a real terminal, as docs/getting-started.md has it', () => {
  const name = 'lvnew';
  let folder: string;
  let nginx: { readonly nginx_version: string; readonly nginx_sha256: string };
  let page: Awaited<ReturnType<typeof documented>>;
  let terminal: Terminal;

  beforeAll(async () => {
    expectExit(await lvslab('lab', 'up', '-n', name), 0);
    page = await documented();
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-new-user-'));
    const known = await readFile(inventoryFile(name), 'utf8');
    const { all } = parse(known) as { all: { vars: typeof nginx & { nginx_tarball: string } } };
    nginx = all.vars;
    const { state } = labNamed(name).paths;
    // What a person has in ~/.ssh who reaches such hosts; the rest is what they type.
    await copyFile(path.join(state, 'ssh/known_hosts'), path.join(folder, 'known_hosts'));
    await writeFile(
      path.join(folder, 'ssh_config'),
      `Host 192.168.*
  IdentityFile ${state}/ssh/id_ed25519
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
    // The tarball is at hand: this machine need not reach nginx.org.
    await mkdir(path.join(folder, 'group_vars'));
    await writeFile(
      path.join(folder, 'group_vars/all.yml'),
      `nginx_tarball: ${all.vars.nginx_tarball}\n`,
    );
    terminal = await openTerminal(`cd ${REPOSITORY}; PS1='$ ' exec sh -i`, {
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      HOME: folder,
      XDG_STATE_HOME: path.join(folder, 'state'),
      SSH_AUTH_SOCK: '',
    });
    await terminal.press(`${page.alias}; cd ${folder}; clear`, 'Enter');
  }, 10 * MINUTE);

  afterAll(async () => {
    await terminal.close();
    await rm(folder, { recursive: true });
    expectExit(await lvslab('lab', 'down', '-n', name), 0);
  }, MINUTE);

  /** The command of the page with that verb. */
  function command(verb: string): string {
    const found = page.commands.find((line) => line.startsWith(`lvslab ${verb} `));
    if (found === undefined) throw new Error(`the page has no command lvslab ${verb}`);
    return found;
  }

  /** Types a command, and waits for its exit status. */
  async function type(line: string, { patience = MINUTE, agreeTo = '' } = {}): Promise<string> {
    const done = `${line.split(' ')[1] ?? ''} ended with`;
    await terminal.press(`${line}; echo "${done} $?"`, 'Enter');
    if (agreeTo !== '') {
      await terminal.see(agreeTo, patience);
      await terminal.press('y', 'Enter');
    }
    return await terminal.see(`\n${done} `, patience);
  }

  test(
    'the page has the whole way, and the first step on it works while there is no VIP',
    async () => {
      const verbs = page.commands.map((line) => line.split(' ')[1]);
      expect(verbs).toEqual([
        ...['init', 'doctor', 'plan', 'apply', 'verify', 'drill', 'trace', 'teardown'],
      ]);
      const outside = await lvslab(
        ...['lab', 'ssh', '-n', name, 'director', 'ip', '-4', 'addr', 'show', 'dev', 'ens37'],
      );
      expect(outside.stdout).not.toContain('inet');
      expect(await type(page.wayIn)).toContain('uid=0(root)');
    },
    MINUTE,
  );

  test(
    'the lab of the tutorial logs in to its director then, too',
    async () => {
      const written = await type('lvslab init --from tutorial --no-plan tutorial.yml');
      expect(written).toContain('init ended with 0');
      for (const file of ['tutorial.yml', path.join(REPOSITORY, 'inventory/centos7.yml')]) {
        await terminal.press('clear', 'Enter');
        const checked = await type(`lvslab doctor -i ${file}`, { patience: 3 * MINUTE });
        expect(checked).toContain('OK: Nothing stands in the way.');
      }
      await terminal.press('clear', 'Enter');
    },
    8 * MINUTE,
  );

  test(
    'init asks, looks at the hosts, draws the lab and writes the inventory',
    async () => {
      const { press, answer, see } = terminal;
      await press(command('init'), 'Enter');
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
      await answer('Who sends the test traffic', 'Enter');
      await answer('Where to log in to the client', '192.168.4.132', 'Enter');
      await answer('How the director chooses', 'Enter');
      await answer('How it hands packets on', 'Enter');
      await answer('nginx release to build', nginx.nginx_version, 'Enter');
      await answer('SHA-256 of its tarball', nginx.nginx_sha256, 'Enter');
      await answer('How often nginx is compiled', 'Enter');
      await answer('Plan now?', 'Enter');
      expect(await see('Written: lab.yml')).toContain('VIP 192.168.4.133:80');
      await see('plan -i lab.yml`');
    },
    8 * MINUTE,
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
    'doctor, plan and apply bring it about, once they agree',
    async () => {
      const checked = await type(command('doctor'), { patience: 3 * MINUTE });
      expect(checked).toContain('doctor ended with 0');
      const planned = await type(command('plan'), { patience: 3 * MINUTE });
      expect(planned).toMatch(/Plan: \d+ to add, \d+ to change, 0 to remove on 3 hosts\./);
      expect(planned).toContain('plan ended with 2');
      const applied = await type(command('apply'), {
        patience: 10 * MINUTE,
        agreeTo: '? Make these changes?',
      });
      expect(applied).toContain('OK: Applied and proved.');
      expect(applied).toContain('apply ended with 0');
    },
    20 * MINUTE,
  );

  test(
    'verify proves it with traffic, and drill while servers stop',
    async () => {
      const verified = await type(command('verify'), { patience: 5 * MINUTE });
      expect(verified).toMatch(/OK: all three sources agree/);
      expect(verified).toContain('verify ended with 0');
      const drilled = await type(command('drill'), { patience: 10 * MINUTE });
      expect(drilled).toContain('drill ended with 0');
    },
    16 * MINUTE,
  );

  test(
    'trace shows one request on every wire, with a tool that comes and goes',
    async () => {
      const traced = await type(command('trace'), {
        patience: 5 * MINUTE,
        agreeTo: '? Install tcpdump on',
      });
      expect(traced).toContain('trace ended with 0');
    },
    6 * MINUTE,
  );

  test(
    'teardown undoes it once they agree',
    async () => {
      const undone = await type(command('teardown'), {
        patience: 5 * MINUTE,
        agreeTo: '? Undo this',
      });
      expect(undone).toContain('OK: Undone and proved.');
      expect(undone).toContain('teardown ended with 0');
    },
    6 * MINUTE,
  );
});
