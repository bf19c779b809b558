import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { inventoryFile } from '../../../src/cli/session/inventory-file.ts';
import { labNamed } from '../../../src/embedded/embedded-lab.ts';
import { restartHost } from '../../../src/embedded/hosts/host-power.ts';
import { type LabHostName } from '../../../src/embedded/lab/lab-hosts.ts';
import { type BusyCores, keepCoresBusy } from '../../support/lab/busy-cores.ts';
import { leftoversOf } from '../../support/lab/lab-leftovers.ts';
import { expectExit, lvslab, type ProgramRun } from '../../support/lvslab.ts';

const MINUTE = 60_000;
/** How long a step takes is told, not judged; one that takes so long is stuck. */
const STUCK = 60 * MINUTE;
/** What no command may say of a host that is only slow; 'failed' as a column of counts is none of it. */
const SAYS_FAILED = /\bFAILED\b|\bunreachable\b|: failed\b|\bE_[A-Z]+\b/;

const name = process.env['LOAD_LAB'] ?? 'lvload';
const lab = labNamed(name);
const inventory = inventoryFile(name);
const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-load-'));

let load: BusyCores | undefined;

/** Does something, and says how long it took. */
async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    const seconds = (performance.now() - began) / 1000;
    const load = loadavg()[0]?.toFixed(0);
    process.stdout.write(`${seconds.toFixed(1).padStart(8)} s  ${what} (load average ${load})\n`);
  }
}

/** Runs the program; it has to end so, and must not call anything failed on the way there. */
async function works(exitCode: number, ...args: readonly string[]): Promise<ProgramRun> {
  const ran = await timed(`lvslab ${args.join(' ')}`, () => lvslab(...args));
  expectExit(ran, exitCode);
  expect(`${ran.stdout}${ran.stderr}`).not.toMatch(SAYS_FAILED);
  return ran;
}

const onHost = (host: LabHostName, command: string): Promise<ProgramRun> =>
  lvslab('lab', 'ssh', '-n', name, host, command);

async function readOn(host: LabHostName, command: string): Promise<string> {
  const read = await onHost(host, command);
  expectExit(read, 0);
  return read.stdout;
}

/** A playbook that gives one NIC of one host other settings than it has. */
function playbookFor(host: LabHostName, settings: object): string {
  const file = path.join(folder, `${host}.ts`);
  writeFileSync(
    file,
    `import { definePlaybook, networkInterface } from 'lvslab';
export default definePlaybook({
  name: 'settings',
  plays: [
    {
      name: 'settings',
      hosts: '${host}',
      resources: (context) => [networkInterface(context, ${JSON.stringify(settings)})],
    },
  ],
});
`,
  );
  return file;
}

beforeAll(async () => {
  expectExit(await lvslab('lab', 'down', '-n', name), 0);
  load = keepCoresBusy(8);
  process.stdout.write(`Under ${load.processes} processes that are never idle:\n`);
}, 5 * MINUTE);

afterAll(async () => {
  await load?.end();
  rmSync(folder, { recursive: true });
  expectExit(await lvslab('lab', 'down', '-n', name), 0);
}, 5 * MINUTE);

describe('with every core busy eight times over', () => {
  test(
    'the lab comes up, and lab status says so',
    async () => {
      await works(0, 'lab', 'up', '-n', name);
      const { stdout } = await works(0, 'lab', 'status', '-n', name);
      expect(stdout).toContain('All hosts are up.');
    },
    STUCK,
  );

  test(
    'a second lab up starts nothing',
    async () => {
      const { stdout } = await works(0, 'lab', 'up', '-n', name);
      expect(stdout).not.toContain('start: started');
    },
    STUCK,
  );

  test(
    'apply makes it so, and proves it',
    async () => {
      const { stdout } = await works(0, 'apply', '-i', inventory, '--yes');
      expect(stdout).toContain('Applied and proved.');
    },
    STUCK,
  );

  test(
    'a plan finds no changes',
    async () => {
      const { stdout } = await works(0, 'plan', '-i', inventory);
      expect(stdout).toContain('No changes.');
    },
    STUCK,
  );

  test(
    'verify agrees',
    async () => {
      await works(0, 'verify', '-i', inventory, '--requests', '60');
    },
    STUCK,
  );

  test(
    'the drill shows that the director does not take over',
    async () => {
      await works(0, 'drill', '-i', inventory);
      expect(await readOn('rs1', 'systemctl is-active nginx')).toBe('active\n');
      expect(await readOn('rs2', 'systemctl is-active nginx')).toBe('active\n');
    },
    STUCK,
  );

  // With either, this machine stays in reach: of rs1 through its gateway, of the director within the network.
  const changes = [
    ['director', { device: 'ens33', address: '192.168.2.130', prefix: 23 }],
    ['rs1', { device: 'ens37', address: '192.168.2.128', prefix: 25 }],
  ] as const;

  test.each(changes)(
    'a change of the NIC that %s is reached by is kept, and undone when asked to',
    async (host, nic) => {
      const playbook = playbookFor(host, { ...nic, dns: [] });
      const address = `ip -o -4 addr show dev ${nic.device} | awk '{ print $4 }'`;
      await works(0, 'apply', '-i', inventory, '-p', playbook, '--yes');
      expect(await readOn(host, address)).toContain(`${nic.address}/${nic.prefix}`);
      const back = playbookFor(host, { ...nic, prefix: 24, dns: [] });
      await works(0, 'apply', '-i', inventory, '-p', back, '--yes');
      expect(await readOn(host, address)).toContain(`${nic.address}/24`);
    },
    STUCK,
  );

  // Of 16 addresses this machine has none; what rs1 gives to its gateway then ends at rs2, which forwards nothing.
  const cutOff = [
    ['director', { device: 'ens33', address: '192.168.2.130', prefix: 28 }],
    ['rs1', { device: 'ens37', address: '192.168.2.128', prefix: 28, gateway: '192.168.2.129' }],
  ] as const;

  test.each(cutOff)(
    'a change that locks %s out is rolled back by the host',
    async (host, nic) => {
      const address = `ip -o -4 addr show dev ${nic.device} | awk '{ print $4 }'; ip -4 route`;
      const before = await readOn(host, address);
      const playbook = playbookFor(host, { ...nic, dns: [] });
      const words = ['apply', '-i', inventory, '-p', playbook, '--yes', '--confirm-within', '60'];
      const ran = await timed(`lvslab ${words.join(' ')}`, () => lvslab(...words));
      expectExit(ran, 1);
      expect(ran.stdout).toContain('E_ROLLED_BACK');
      expect(await readOn(host, address)).toBe(before);
    },
    STUCK,
  );

  test(
    'a rebooted real server has all of it again',
    async () => {
      await timed('reboot of rs2', () => restartHost(lab, { host: 'rs2' }));
      await works(0, 'plan', '-i', inventory);
      await works(0, 'verify', '-i', inventory, '--requests', '30');
    },
    STUCK,
  );

  test(
    'a rebooted director has all of it again',
    async () => {
      await timed('reboot of director', () => restartHost(lab, { host: 'director' }));
      const { stdout } = await works(0, 'lab', 'status', '-n', name);
      expect(stdout).toContain('All hosts are up.');
      await works(0, 'plan', '-i', inventory);
      await works(0, 'verify', '-i', inventory, '--requests', '30');
    },
    STUCK,
  );

  test(
    'teardown undoes everything',
    async () => {
      await works(0, 'teardown', '-i', inventory, '--yes');
    },
    STUCK,
  );

  test(
    'lab down leaves nothing',
    async () => {
      await works(0, 'lab', 'down', '-n', name);
      expect(await leftoversOf(name)).toEqual([]);
      await works(1, 'lab', 'status', '-n', name);
    },
    STUCK,
  );
});
