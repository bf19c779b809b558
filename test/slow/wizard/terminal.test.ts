import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';

import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import { lvslab } from '../../support/lvslab.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../../../bin/lvslab.js', import.meta.url));

/** A host that is reached on loopback but has the NICs of a network namespace. */
interface StandIn {
  readonly namespace: string;
  readonly sshd: TestSshd;
}

async function startStandIn(namespace: string): Promise<StandIn> {
  execFileSync('ip', ['netns', 'add', namespace]);
  const inside = `ip netns exec ${namespace} sh -c "$SSH_ORIGINAL_COMMAND"`;
  return { namespace, sshd: await startSshd({ config: [`ForceCommand ${inside}`] }) };
}

async function stopStandIn({ namespace, sshd }: StandIn): Promise<void> {
  await sshd.stop();
  execFileSync('ip', ['netns', 'del', namespace]);
}

/** A cable between two hosts, with a NIC at each end. */
function plug(director: StandIn, device: string, rs: StandIn, peer: string): void {
  const ends = ['peer', 'name', peer, 'netns', rs.namespace];
  execFileSync('ip', [
    ...['-n', director.namespace, 'link', 'add', device, 'type', 'veth'],
    ...ends,
  ]);
}

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('lvslab init at a terminal', () => {
  let director: StandIn;
  let rs1: StandIn;
  let folder: string;
  let env: Readonly<Record<string, string>>;
  let terminal: Terminal | undefined;

  beforeAll(async () => {
    // Brings the program up to date with its sources, before anybody waits for a prompt.
    await lvslab('--version');
    director = await startStandIn(`wizard-director-${process.pid}`);
    rs1 = await startStandIn(`wizard-rs1-${process.pid}`);
    const key = await readFile(`${director.sshd.keyFile}.pub`, 'utf8');
    await appendFile(path.join(rs1.sshd.folder, 'authorized_keys'), key);
    plug(director, 'ens33', rs1, 'ens37');
    execFileSync('ip', [
      '-n',
      director.namespace,
      'addr',
      'add',
      '192.168.2.130/24',
      'dev',
      'ens33',
    ]);
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-init-test-'));
    // Nothing of the person who runs the test: no keys, no agent, no known hosts.
    const config = [
      `UserKnownHostsFile ${folder}/known_hosts`,
      'IdentityAgent none',
      'IdentityFile none',
    ];
    await writeFile(path.join(folder, 'ssh_config'), config.join('\n'));
    await writeFile(
      path.join(folder, 'ssh'),
      `#!/bin/sh\nexec /usr/bin/ssh -F ${folder}/ssh_config "$@"\n`,
    );
    await chmod(path.join(folder, 'ssh'), 0o755);
    env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: folder, SSH_AUTH_SOCK: '' };
  });

  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });

  afterAll(async () => {
    await stopStandIn(director);
    await stopStandIn(rs1);
    await rm(folder, { recursive: true });
  });

  async function init(args = ''): Promise<Terminal> {
    terminal = await openTerminal(
      `cd ${folder} && node ${PROGRAM} init ${args}; echo "exit $?"`,
      env,
    );
    return terminal;
  }

  test('from nothing to an inventory, with hosts that are logged in to on the way', async () => {
    const { answer, press, see } = await init('lab.yml');
    await answer('User to log in', 'Enter');
    await answer('How to log in', 'Down', 'Enter');
    await answer('Private key file', '/nowhere/key', 'Enter');
    await answer('Where to log in to the director', `127.0.0.1:${director.sshd.port}`, 'Enter');
    // Once for each host: what was accepted is known for the next try.
    await answer('Connect to lvs-director', 'yes', 'Enter');
    // What doesn't work is told at once, and can be put right.
    expect(await see('? What now with lvs-director')).toContain("/nowhere/key can't be read");
    await press('Down', 'Down', 'Enter');
    await answer('User to log in', 'Enter');
    await answer('How to log in', 'Enter');
    await answer('Private key file (/nowhere/key)', director.sshd.keyFile, 'Enter');
    expect(await see("? The director's NIC towards the real")).toMatch(
      /❯ ens33 +192.168.2.130\/24/,
    );
    await press('Enter');
    // What was found is what Enter takes.
    await answer('Its address there, the DIP (192.168.2.130)', 'Enter');
    await answer('Prefix length (24)', 'Enter');
    await see('has no NIC but ens33, and one more is needed');
    plug(director, 'ens37', rs1, 'other');
    await answer("The director's NIC towards the clients (empty", 'Enter');
    await see('no address yet');
    await press('Enter');
    await answer('The address that clients ask, the VIP', '192.168.2.133', 'Enter');
    await see("is in the real servers'");
    await press('C-u', '192.168.4.133', 'Enter');
    await answer('Port of the service (80)', 'Enter');
    await answer('How many real servers (2)', '1', 'Enter');
    await answer('Must they be logged in to through', 'Enter');
    await answer('Where to log in to real server 1', `127.0.0.1:${rs1.sshd.port}`, 'Enter');
    await answer('Connect to', 'yes', 'Enter');
    await answer('Its NIC', 'Enter');
    // Loopback, where it is logged in to, can't be the RIP: so it is asked for.
    await answer("Its address in the director's network", '192.168.2.128', 'Enter');
    await answer('Its weight (1)', 'Enter');
    await answer('Who sends the test traffic', 'Down', 'Down', 'Enter');
    await see('Weighted round robin: one after the other');
    await answer('How the director chooses', 'Up', 'Enter');
    await see('LVS-NAT, as in the tutorial');
    await answer('How it hands packets on', 'Enter');
    await answer('nginx release to build (1.16.1)', 'Enter');
    await see('└─▶ rs1  RIP 192.168.2.128:80  ens37  weight 1');
    await answer('Plan now?', 'y', 'Enter');
    // The stand-ins run no systemd: that plan is told of it shows that it got in with what was written.
    expect(await see('exit 1')).toContain('does not run systemd');

    const inventory = await loadInventory(path.join(folder, 'lab.yml'));
    expect(labFrom(inventory)).toMatchObject({
      directors: [{ outside: { device: 'ens37' }, inside: { device: 'ens33' } }],
      services: [{ address: '192.168.4.133', scheduler: 'rr' }],
    });
    expect(inventory.hosts.get('lvs-director')?.connection).toMatchObject({
      host: '127.0.0.1',
      port: director.sshd.port,
      privateKeyFile: director.sshd.keyFile,
    });
  });

  test('a file that is there is replaced only when a person says so', async () => {
    const file = path.join(folder, 'there.yml');
    await writeFile(file, 'mine');
    const first = await init('--from tutorial there.yml');
    await first.answer('there.yml is there already. Replace it?', 'Enter');
    await first.answer('File to write', 'C-u', 'new.yml', 'Enter');
    await first.answer('Plan now?', 'Escape');
    await first.answer('File to write (new.yml)', '<', 'Enter');
    await first.answer('there.yml is there already. Replace it?', 'Escape');
    // Nothing else was asked: there is no way back but out.
    await first.answer('There is no question before. Leave', 'Enter');
    await first.see('exit 130');
    expect(await readdir(folder)).not.toContain('new.yml');
    expect(await readFile(file, 'utf8')).toBe('mine');
    await first.close();
    const second = await init('--from tutorial --no-plan there.yml');
    await second.answer('there.yml is there already. Replace it?', 'y', 'Enter');
    await second.see('exit 0');
    expect(await readFile(file, 'utf8')).toContain('test3');
  });
});
