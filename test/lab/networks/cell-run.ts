import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RootFile } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { renderInventory } from '../../../src/embedded/lab/lab-inventory.ts';
import { snapshotDifferences, snapshotScript } from '../../support/lab/host-snapshot.ts';
import {
  errorsOf,
  watchedRun,
  type Watching,
  type WatchedRun,
} from '../faults/course/watched-run.ts';
import { type Cell, cellHost } from './cell.ts';
import { printNetwork, readNetwork } from './host-network.ts';
import { type NetworkCase, settingsOf } from './network-case.ts';

/** What a host is at one moment: all that a teardown must bring back, and its network. */
export interface Seen {
  readonly snapshot: string;
  readonly network: ReturnType<typeof readNetwork>;
}

/** What a run of lvslab on a cell is given. */
export interface RunFiles {
  readonly inventory: string;
  readonly playbook: string;
}

/** Writes the inventory and the playbook that asks for the case's settings. */
export function writeFiles(cell: Cell, one: NetworkCase): RunFiles {
  const inventory = path.join(cell.folder, 'inventory.yml');
  const playbook = path.join(cell.folder, 'playbook.ts');
  const nginx = { tarball: '/nowhere/nginx-1.22.1.tar.gz', sha256: '0'.repeat(64) };
  writeFileSync(inventory, renderInventory(cell.lab, { flavour: cell.flavour, nginx }));
  writeFileSync(
    playbook,
    `import { definePlaybook, networkInterface } from 'lvslab';
const settings = ${JSON.stringify(settingsOf(one))};
export default definePlaybook({
  name: 'network',
  plays: [
    {
      name: 'network',
      hosts: '${cellHost.name}',
      resources: (context) =>
        settings.map((nic, i) => networkInterface(context, nic, settings.slice(0, i))),
    },
  ],
});
`,
  );
  return { inventory, playbook };
}

/** Runs the program about the one host; with `watching`, its events are followed. */
export async function run(
  { inventory, playbook }: RunFiles,
  [command, ...words]: readonly ['apply' | 'plan' | 'teardown', ...(readonly string[])],
  watching?: Watching,
): Promise<WatchedRun> {
  const rest = command === 'teardown' ? [] : ['-p', playbook];
  const all = [command, '-i', inventory, '-l', cellHost.name, ...rest, ...words];
  return await watchedRun(all, watching);
}

export function rootFiles(files: NetworkCase['files']): readonly RootFile[] {
  return Object.entries(files).map(([file, what]) =>
    typeof what === 'string' ? { path: file, mode: 0o644, content: what } : { path: file, ...what },
  );
}

/** Writes files on a host that runs, and does nothing else there. */
export async function changeFiles(cell: Cell, files: readonly RootFile[]): Promise<void> {
  for (const { path: file, mode, content } of files) {
    const text = Buffer.from(content).toString('base64');
    await cell.run(`echo ${text} | base64 -d >'${file}'; chmod ${mode.toString(8)} '${file}'`);
  }
}

export async function look(cell: Cell): Promise<Seen> {
  // Right after a boot a manager may not have come to its end.
  const quiet = await untilSame(() => cell.run(printNetwork));
  return { snapshot: await cell.run(snapshotScript), network: readNetwork(quiet) };
}

/** Reads until the same is read twice in a row; a dozen times at most. */
async function untilSame(read: () => Promise<string>): Promise<string> {
  let last = await read();
  for (let tries = 0; tries < 12; tries += 1) {
    const now = await read();
    if (now === last) break;
    last = now;
  }
  return last;
}

/** Everything is what it was: files to the byte, and the network. */
export async function expectAsBefore(cell: Cell, before: Seen): Promise<void> {
  const now = await look(cell);
  const different = snapshotDifferences(before.snapshot, now.snapshot).filter(
    (line) => !passing.some((expression) => expression.test(line)),
  );
  if (different.length > 0) throw new Error(`not as before:\n${different.join('\n')}`);
}

/** What differs between any two moments of a host, and says nothing about its network. */
const passing = [
  /^[-+] file \/var\/lib\/lvslab(\/journal)? /,
  /^[-+] active (polkit|systemd-timedated|systemd-hostnamed|NetworkManager-dispatcher)\.service$/,
  // It has come to its end when the network has, and may not have yet.
  /^[-+] active systemd-networkd-wait-online\.service$/,
  // How long a lease or a neighbour is still good for.
  /^[-+] file \/var\/lib\/(dhcp|systemd\/network)\//,
];

/** The run ended well. */
export function expectExitCode(ran: WatchedRun): void {
  if (ran.exitCode === 0) return;
  const what = JSON.stringify(errorsOf(ran), undefined, 1).slice(0, 3000);
  throw new Error(`exit status ${ran.exitCode}: ${what} ${ran.stderr}`);
}

/** Says when an error was seen. */
export function after(moment: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`after ${moment}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  };
}
