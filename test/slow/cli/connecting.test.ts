import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { lvslab } from '../../support/lvslab.ts';

jest.setTimeout(120_000);

const root = path.join(import.meta.dirname, '../../..');

let folder: string;
let silent: Server;
let inventory: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lvslab-connecting-'));
  // Takes the connection and never says a word: a host that is about to answer, for ever.
  silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  inventory = path.join(folder, 'lab.yml');
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
  await lvslab('--version');
});

afterAll(async () => {
  silent.close();
  await rm(folder, { recursive: true });
});

test.each(['verify', 'drill'])(
  '%s ends soon when hosts refuse and another may answer for ever, and tells all that refuse',
  async (command) => {
    const idle = performance.now();
    await lvslab('plan', '--help');
    const start = performance.now() - idle;
    const began = performance.now();
    const { exitCode, stdout, stderr } = await lvslab(command, '-i', inventory);
    // What the program takes to start on a busy machine says nothing about how long it waits.
    expect(performance.now() - began - 3 * start).toBeLessThan(5000);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/lb1: connect: 127\.0\.0\.1:1 refused[^]*rs2: connect: 127\.0\.0\.2:1/);
    expect(stdout).not.toContain('rs1: connect');
    expect(stderr).toBe('');
  },
);

test('npm run dev works with several hosts', async () => {
  const args = ['run', '--silent', 'dev', '--', 'verify', '-i', inventory];
  const child = spawn('npm', args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (told += text));
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  expect(told).toMatch(/lb1: connect: 127\.0\.0\.1:1 refused[^]*E_CONNECT/);
  expect(told).not.toMatch(/mistake in lvslab|^\s+at /m);
  expect(exitCode).toBe(1);
});
