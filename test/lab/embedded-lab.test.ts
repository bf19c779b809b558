import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { bringUp } from '../../src/embedded/bring-up.ts';
import { hostFolder, labNamed } from '../../src/embedded/embedded-lab.ts';
import { powerCut, restartHost, startHost } from '../../src/embedded/hosts/host-power.ts';
import { type LabEvent } from '../../src/embedded/lab/lab-event.ts';
import { type LabHostName, labHosts } from '../../src/embedded/lab/lab-hosts.ts';
import { sshCommand } from '../../src/embedded/lab/lab-ssh.ts';
import { labStatus } from '../../src/embedded/lab/lab-status.ts';
import { takeDown } from '../../src/embedded/take-down.ts';
import { leftoversOf } from '../support/lab/lab-leftovers.ts';
import { runProgram } from '../support/processes.ts';

// A virtual machine that is emulated on a busy machine takes its time, even to log in.
jest.setTimeout(120_000);

const lab = labNamed('lvst1');

/** Brings the lab up and returns what was started for it. */
async function up(): Promise<readonly string[]> {
  const events: LabEvent[] = [];
  const report = (event: LabEvent): void => {
    events.push(event);
  };
  await bringUp({ ...lab, flavour: 'debian', accelerator: 'auto', report });
  return events
    .filter((event) => event.type === 'started' && event.step === 'start')
    .map((event) => ('host' in event ? (event.host ?? '') : ''))
    .sort();
}

const down = (): Promise<void> => takeDown({ ...lab, report: () => undefined });

/** Runs a command on a host; throws when it fails. */
async function on(name: LabHostName, command: string): Promise<string> {
  const [host] = labHosts.filter((known) => known.name === name);
  if (host === undefined) throw new Error(`no host ${name}`);
  const [ssh = '', ...args] = sshCommand(lab, host);
  return (await runProgram(ssh, [...args, command])).stdout.trim();
}

beforeAll(async () => {
  await down();
  await up();
}, 600_000);

afterAll(down);

describe('the embedded lab', () => {
  const addresses: readonly [LabHostName, string, string][] = [
    ['client', 'client', 'ens33 192.168.4.132/24'],
    ['director', 'test3', 'ens33 192.168.2.130/24'],
    ['rs1', 'localhost', 'ens37 192.168.2.128/24'],
    ['rs2', 'test2', 'ens33 192.168.2.129/24'],
  ];

  test.each(addresses)('%s is %s, booted without a failed unit, at %s', async (name, ...rest) => {
    const ask =
      "hostname; ip -o -4 addr show scope global | awk '{ print $2, $4 }'; systemctl is-system-running";
    expect((await on(name, ask)).split('\n')).toEqual([...rest, 'running']);
  });

  test('gives the director a second NIC that nobody has configured', async () => {
    expect(await on('director', 'ip -o -4 addr show dev ens37')).toBe('');
    expect(await on('director', 'cat /sys/class/net/ens37/address')).toBe('00:0c:29:53:71:ac');
  });

  test('lets the real servers reach the director, and the machine nobody', async () => {
    await on('rs1', 'ping -c 1 -W 5 192.168.2.130');
    await expect(runProgram('ip', ['route', 'get', '192.168.2.130'])).resolves.toMatchObject({
      stdout: expect.not.stringContaining('br-lan'),
    });
  });

  test('has real IPVS on the director', async () => {
    await on('director', 'modprobe ip_vs && modprobe ip_vs_wrr');
    expect(await on('director', 'head -n 1 /proc/net/ip_vs')).toContain('IP Virtual Server');
  });

  test('installs what provisioning needs without a network beyond its own', async () => {
    expect(await on('rs1', 'apt-get -qq update 2>&1')).toBe('');
    await expect(on('rs1', 'command -v gcc')).rejects.toThrow();
    await on('rs1', 'DEBIAN_FRONTEND=noninteractive apt-get -qq -y install gcc');
    expect(await on('rs1', 'gcc --version')).toContain('gcc');
  });

  test('starts nothing when it is up already', async () => {
    expect(await up()).toEqual([]);
  });

  test('starts again what has stopped, with its disk as it was', async () => {
    await on('rs2', 'echo kept > /root/kept; sync');
    await powerCut(lab, { host: 'rs2' });
    const states = (await labStatus(lab))?.hosts.map(({ host, state }) => [host.name, state]);
    expect(states).toContainEqual(['rs2', 'off']);
    expect(await up()).toEqual(['rs2']);
    expect(await on('rs2', 'cat /root/kept')).toBe('kept');
  });

  test('says which host does not start, and what stood last on its console', async () => {
    await powerCut(lab, { host: 'rs2' });
    const run = path.join(hostFolder(lab, 'rs2'), 'run');
    const whole = await readFile(run, 'utf8');
    await writeFile(run, whole.replace('while :; do', 'echo no power; exit 1; while :; do'));
    await expect(up()).rejects.toMatchObject({
      host: 'rs2',
      step: 'boot',
      message: expect.stringContaining('no power'),
    });
    await writeFile(run, whole);
    expect(await up()).toEqual(['rs2']);
  });

  const restarts: readonly [string, () => Promise<void>][] = [
    ['a reboot', () => restartHost(lab, { host: 'rs1' })],
    [
      'a power cut',
      async () => {
        await powerCut(lab, { host: 'rs1' });
        await startHost(lab, { host: 'rs1' });
      },
    ],
  ];

  test.each(restarts)('forgets over %s what only the running kernel knew', async (_, restart) => {
    await on(
      'rs1',
      'ip addr add 192.168.2.99/24 dev ens37; echo 1 > /proc/sys/net/ipv4/ip_forward',
    );
    await restart();
    expect(await on('rs1', 'ip -o -4 addr show dev ens37')).not.toContain('192.168.2.99');
    expect(await on('rs1', 'cat /proc/sys/net/ipv4/ip_forward')).toBe('0');
  });

  test('is gone without a trace when it is taken down, and a second time there is nothing to do', async () => {
    expect(await leftoversOf(lab.name)).not.toEqual([]);
    await down();
    expect(await leftoversOf(lab.name)).toEqual([]);
    await down();
    expect(await labStatus(lab)).toBeUndefined();
  });
});
