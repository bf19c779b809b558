import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { inventoryFile } from '../../../src/cli/session/inventory-file.ts';
import { type ProbeReport } from '../../../src/verify/probe/probe-report.ts';
import { expectExit, lvslab } from '../../support/lvslab.ts';

// What becomes of traffic while one thing is changed in a lab that serves: the promises of docs/probe.md.

const name = process.env['PROMISES_LAB'] ?? 'lvprom';
const MINUTE = 60_000;

interface Inventory {
  all: {
    vars: Record<string, unknown>;
    children: {
      real_servers: { hosts: Record<string, Record<string, unknown>> };
    };
  };
}

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lvslab-promises-'));
  expectExit(await lvslab('lab', 'up', '-n', name), 0);
  expectExit(await lvslab('apply', '-i', inventoryFile(name), '--yes'), 0);
}, 45 * MINUTE);

afterAll(async () => {
  expectExit(await lvslab('lab', 'down', '-n', name), 0);
  await rm(folder, { recursive: true, force: true });
}, 5 * MINUTE);

/** Applies the lab's inventory with a change in it, and tells what became of the traffic meanwhile. */
async function applied(change: (inventory: Inventory) => void): Promise<ProbeReport> {
  const inventory = parse(await readFile(inventoryFile(name), 'utf8')) as Inventory;
  change(inventory);
  const file = path.join(folder, 'lab.yml');
  await writeFile(file, stringify(inventory));
  const run = await lvslab('apply', '-i', file, '--yes', '--probe', '--json');
  expectExit(run, 0);
  const reports = run.stdout
    .split('\n')
    .filter((line) => line.includes('"probe":'))
    .map((line) => JSON.parse(line) as { data: { probe: ProbeReport } });
  const report = reports[0]?.data.probe;
  if (report === undefined) throw new Error(`no traffic was measured: ${run.stdout.slice(-2000)}`);
  return report;
}

function serverIn({ all }: Inventory, server: string): Record<string, unknown> {
  const found = all.children.real_servers.hosts[server];
  if (found === undefined) throw new Error(`the lab has no ${server}`);
  return found;
}

/** In the order of a life: each begins where the one before it ended. */
test.each<[string, (inventory: Inventory) => void]>([
  [
    'the weight of a server is set to 0',
    (inventory) => {
      serverIn(inventory, 'rs2')['lvs_weight'] = 0;
    },
  ],
  ['the weight of a server is set back', () => undefined],
  [
    'a server is removed',
    (inventory) => {
      delete inventory.all.children.real_servers.hosts['rs1'];
    },
  ],
  ['a server is added', () => undefined],
])(
  'no request is lost while %s',
  async (what, change) => {
    const { requests, lost, longestGapMs } = await applied(change);
    process.stdout.write(`${what}: ${requests} requests, longest gap ${longestGapMs} ms\n`);
    expect(requests).toBeGreaterThan(20);
    expect(lost).toEqual({ refused: 0, timedOut: 0, otherwise: 0 });
  },
  15 * MINUTE,
);
