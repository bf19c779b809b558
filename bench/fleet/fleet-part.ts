import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { type Contestant, interleaved, keptRun, type Tell } from '../measure/interleaved.ts';
import { type Measurement, type Run } from '../measure/result.ts';
import { countWarnings, type MeasuredCommand, runMeasured } from '../measure/run-measured.ts';
import { median } from '../measure/statistics.ts';
import { Fleet } from './fleet-hosts.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/lvslab.js', import.meta.url));
const PLAYBOOK = fileURLToPath(new URL('fleet-playbook.ts', import.meta.url));
const SCRIPT = fileURLToPath(new URL('question.sh', import.meta.url));

/** How many ssh processes at a time are tried. */
const WIDTHS = [2, 4, 8, 16, 32, 64];

/** A plan for many hosts, against as many OpenSSH processes at a time as are best. */
export async function measureFleet({
  sizes,
  repeats,
  tell,
}: {
  readonly sizes: readonly number[];
  readonly repeats: number;
  readonly tell: Tell;
}): Promise<readonly Measurement[]> {
  const fleet = await Fleet.make();
  try {
    const measured: Measurement[] = [];
    let width: number | undefined;
    for (const size of [...sizes].sort((a, b) => a - b)) {
      tell(`bringing up ${size} hosts`);
      await fleet.grow(size);
      // What is best for some dozens is best for more.
      if (width === undefined || size <= SAMPLE) width = await bestWidth(fleet, tell);
      measured.push(...(await measureSize(fleet, { repeats, width, tell })));
    }
    return measured;
  } finally {
    await fleet.remove();
  }
}

async function measureSize(
  fleet: Fleet,
  {
    repeats,
    width,
    tell,
  }: { readonly repeats: number; readonly width: number; readonly tell: Tell },
): Promise<readonly Measurement[]> {
  await writeFile(inventoryFile(fleet), inventoryOf(fleet));
  const note = `xargs -P ${width}`;
  const ssh = (by: string, input: string, expected: string): Contestant => ({
    ...{ task: 'fleet', by, hosts: fleet.count, delayMs: 0, note },
    once: () => askAll(fleet, { input, expected, width }),
  });
  return await interleaved(
    [
      {
        ...{ task: 'fleet', by: 'lvslab', hosts: fleet.count, delayMs: 0 },
        once: () => planAll(fleet, tell),
      },
      ssh('OpenSSH, lean script', SCRIPT, 'asked'),
      ssh('OpenSSH, true', '/dev/null', ''),
    ],
    // The more hosts there are, the longer a run is, and the less a moment's disturbance is of it.
    {
      repeats: Math.max(1, Math.round(Math.min(repeats, (repeats * 100) / fleet.count))),
      // A plan with nothing to do comes after an apply, so of these hosts the controller knows already what they are.
      warmUp: true,
      tell,
    },
  );
}

/** So many hosts tell which number of processes at a time is best. */
const SAMPLE = 60;

/** The number of processes at a time with which xargs is through first, of those that make a difference. */
async function bestWidth(fleet: Fleet, tell: Tell): Promise<number> {
  const widths = WIDTHS.filter((width) => width <= Math.max(fleet.count, 2));
  const walls = new Map<number, number[]>(widths.map((width) => [width, []]));
  const addresses = fleet.addresses.slice(0, SAMPLE);
  // With many hosts, one round is long enough to tell.
  for (let round = 0; round < (addresses.length > 20 ? 1 : 3); round += 1) {
    for (const [width, list] of walls) {
      const asked = await askAll(fleet, { input: SCRIPT, expected: 'asked', width, addresses });
      list.push(asked.wallMs);
    }
  }
  const [best] = [...walls].sort(([, a], [, b]) => median(a) - median(b));
  tell(`${fleet.count} hosts: xargs is fastest with -P ${best?.[0] ?? 2}`);
  return best?.[0] ?? 2;
}

async function planAll(fleet: Fleet, tell: Tell): Promise<Run> {
  const words = ['plan', '-i', inventoryFile(fleet), '--playbook', PLAYBOOK];
  const { run, ended } = await onFleet(fleet, {
    argv: [process.execPath, PROGRAM, ...words, '--limit', 'real_servers'],
  });
  if (ended.status === 0) return run;
  tell(`${ended.stdout}\n${ended.stderr}`.trim().slice(-2000));
  const failed = /(\d+) hosts? could not be planned/.exec(ended.stdout)?.[1];
  return { ...run, failures: Math.max(1, Number(failed ?? 0)) };
}

/** Asks all hosts, each by an ssh of its own; a host that does not answer with `expected` has failed. */
async function askAll(
  fleet: Fleet,
  {
    input,
    expected,
    width,
    addresses = fleet.addresses,
  }: {
    readonly input: string;
    readonly expected: string;
    readonly width: number;
    /** All unless told. */
    readonly addresses?: readonly string[];
  },
): Promise<Run> {
  const options = [
    '-F',
    'none',
    '-i',
    fleet.keyFile,
    '-o',
    `UserKnownHostsFile=${fleet.knownHosts}`,
  ];
  const strict = ['-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes'];
  const remote = expected === '' ? 'true' : 'sh -s';
  const line = ['ssh', ...options, ...strict, '"root@$1"', remote].join(' ');
  const one = `out=$(${line} <'${input}') && [ "\${out##*
}" = "${expected}" ] || echo "failed $1"`;
  const list = path.join(fleet.names.folder, 'addresses');
  await writeFile(list, addresses.map((address) => `${address}\n`).join(''));
  const { run, ended } = await onFleet(fleet, {
    argv: ['xargs', '-a', list, '-n', '1', '-P', String(width), 'sh', '-c', one, 'sh'],
  });
  const failures = ended.stdout.split('\n').filter((text) => text.startsWith('failed ')).length;
  return { ...run, failures: failures + (ended.status === 0 ? 0 : 1) };
}

async function onFleet(
  fleet: Fleet,
  command: Omit<MeasuredCommand, 'namespace'>,
): Promise<{ readonly run: Run; readonly ended: Awaited<ReturnType<typeof runMeasured>> }> {
  const before = await fleet.usedMs();
  const ended = await runMeasured({ ...command, namespace: fleet.names.name });
  const host = ((await fleet.usedMs()) - before) / fleet.count;
  const { wallMs, cpuMs, peakKiB, connections } = ended;
  const counted = { failures: 0, warnings: countWarnings(ended) };
  return {
    run: keptRun({ wallMs, cpuMs, peakKiB, connections, hostCpuMs: { host }, ...counted }),
    ended,
  };
}

function inventoryFile({ names }: Fleet): string {
  return path.join(names.folder, 'fleet.yml');
}

/** A lab whose real servers are the fleet. Its director is not among them, and is not asked. */
function inventoryOf(fleet: Fleet): string {
  const ssh = `-o UserKnownHostsFile=${fleet.knownHosts} -o StrictHostKeyChecking=yes`;
  const servers = fleet.addresses.map((address, i) => [
    `h${i + 1}`,
    { ansible_host: address, lvs_interface: 'ens33' },
  ]);
  return stringify({
    all: {
      vars: {
        ansible_user: 'root',
        ansible_ssh_private_key_file: fleet.keyFile,
        ansible_ssh_common_args: ssh,
        ...{ lvs_vip: '10.87.0.1', lvs_dip: '10.86.255.254', lvs_prefix: 16 },
      },
      children: {
        director: {
          hosts: {
            director: {
              ansible_host: '10.86.255.254',
              ...{ lvs_vip_interface: 'ens37', lvs_dip_interface: 'ens33' },
            },
          },
        },
        real_servers: { hosts: Object.fromEntries(servers) as Readonly<Record<string, unknown>> },
      },
    },
  });
}
