import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { lvslab, lvslabIn } from '../../support/lvslab.ts';
import { waitUntil } from '../../support/processes.ts';

jest.setTimeout(120_000);

let folder: string;
/** Takes connections and never says a word. */
let silent: Server;
let connections = 0;
let open = 0;
let inventory: string;
let facts: string;
const own = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'lvslab-early-')));
  silent = createServer((socket) => {
    connections += 1;
    open += 1;
    socket.on('close', () => (open -= 1)).on('error', () => undefined);
    socket.resume();
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  inventory = own('lab.yml');
  await writeFile(
    inventory,
    `all:
  vars:
    ansible_user: root
    ansible_ssh_common_args: -F /dev/null -o UserKnownHostsFile=${folder}/known_hosts -o IdentityAgent=none
    lvs_vip: 192.168.4.133
    lvs_dip: 192.168.2.130
director:
  hosts:
    lb1: {ansible_host: 127.0.0.1, ansible_port: 1, lvs_vip_interface: ens37, lvs_dip_interface: ens33}
real_servers:
  hosts:
    rs1: {ansible_host: 127.0.0.1, ansible_port: ${port}, lvs_rip: 192.168.2.128, lvs_interface: ens33}
    rs2: {ansible_host: 127.0.0.2, ansible_port: 1, lvs_rip: 192.168.2.129, lvs_interface: ens33}
`,
  );
  const play = (hosts: string): string =>
    `import { definePlaybook } from 'lvslab';
export default definePlaybook({ name: 'p', plays: [{ name: 'p', hosts: '${hosts}', resources: () => [] }] });
`;
  await writeFile(own('of-rs2.ts'), play('rs2'));
  await writeFile(own('of-rs1.ts'), play('rs1'));
  await writeFile(own('broken.ts'), 'export default {');
  facts = own(`cache/lvslab/facts/${hash(inventory)}`);
  await mkdir(facts, { recursive: true, mode: 0o700 });
  await lvslab('--version');
});

afterAll(async () => {
  silent.close();
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  connections = 0;
});

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24);
}

async function keepFacts(host: string): Promise<void> {
  await writeFile(
    path.join(facts, `${hash(host)}.json`),
    JSON.stringify({ version: 1, host, facts: '' }),
    { mode: 0o600 },
  );
}

/** What a plan printed, and how long it took beyond a start of the program, in milliseconds. */
async function plan(
  playbook: string,
): Promise<{ readonly told: string; readonly exitCode: number | null; readonly tookMs: number }> {
  const idle = performance.now();
  await lvslab('plan', '--help');
  const start = performance.now() - idle;
  const began = performance.now();
  const args = ['plan', '-i', inventory, '-p', own(playbook)];
  const { stdout, stderr, exitCode } = await lvslabIn({ XDG_CACHE_HOME: own('cache') }, ...args);
  return { told: stdout + stderr, exitCode, tookMs: performance.now() - began - 3 * start };
}

test('a host that was never read is not connected to before it is certain that a play is for it', async () => {
  const { told, exitCode } = await plan('of-rs2.ts');
  expect(told).toContain('rs2: connect: 127.0.0.2:1 refused');
  expect(exitCode).toBe(1);
  expect(connections).toBe(0);
});

test('one that was read before, and that no play is for, is left without a word and without a wait', async () => {
  await keepFacts('rs1');
  const { told, exitCode, tookMs } = await plan('of-rs2.ts');
  expect(told).toContain('rs2: connect: 127.0.0.2:1 refused');
  expect(told).not.toContain('rs1');
  expect(exitCode).toBe(1);
  expect(connections).toBe(1);
  await waitUntil(() => open === 0);
  expect(open).toBe(0);
  expect(tookMs).toBeLessThan(5000);
});

test('one that refuses, and that no play is for, is not told of', async () => {
  await keepFacts('rs2');
  await keepFacts('lb1');
  const { told } = await plan('of-rs1.ts');
  expect(told).toContain('rs1: connect');
  expect(told).not.toMatch(/rs2|lb1/);
  expect(connections).toBe(1);
});

test('where the playbook is broken, hosts are left and that is told', async () => {
  await keepFacts('rs1');
  const { told, exitCode, tookMs } = await plan('broken.ts');
  expect(told).toContain("broken.ts can't be loaded");
  expect(told).not.toContain('rs1');
  expect(exitCode).toBe(1);
  await waitUntil(() => open === 0);
  expect(open).toBe(0);
  expect(tookMs).toBeLessThan(5000);
});
