import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type RootFile } from '../../../src/embedded/images/image-recipe.ts';
import { renderInventory } from '../../../src/embedded/lab/lab-inventory.ts';
import { snapshotDifferences, snapshotScript } from '../../support/host-snapshot.ts';
import { startLabDhcp } from '../../support/lab-dhcp.ts';
import { errorsOf, watchedRun, type WatchedRun } from '../faults/watched-run.ts';
import { type Cell, cellHost } from './cell.ts';
import { printNetwork, readNetwork, shortcomings } from './host-network.ts';
import { type NetworkCase, settingsOf } from './network-case.ts';

/** How a case ended: what was asked for is there, or it was refused and nothing was changed. */
export type CaseEnd = 'made' | 'refused';

/** What a host is at one moment: all that a teardown must bring back, and its network. */
interface Seen {
  readonly snapshot: string;
  readonly network: ReturnType<typeof readNetwork>;
}

/**
 * Puts the case's files on a new host, boots it, and lets lvslab change it; then it is what it has to be, now and after a
 * reboot, and what it was before, to the byte, after a teardown and another reboot.
 * @throws Error with all that is wrong.
 */
export async function tryCase(cell: Cell, one: NetworkCase): Promise<CaseEnd> {
  if (one.dhcp !== undefined) await startLabDhcp(cell.lab, { bridge: 'br-lan', range: one.dhcp });
  await cell.boot(rootFiles(one.files));
  await changeFiles(cell, rootFiles(one.since ?? {}));
  const before = await look(cell);
  const files = writeFiles(cell, one);
  const applied = await run(files, 'apply', '--yes', '--confirm-within', '30');
  if (applied.exitCode !== 0) return await expectRefused(cell, { one, before, files, applied });
  if (one.expect instanceof RegExp) throw new Error('it was made, and had to be refused');
  await expectMade(cell, one, before);
  await expectNothingToDo(files);
  await cell.reboot();
  await expectMade(cell, one, before).catch(after('the reboot'));
  await expectNothingToDo(files).catch(after('the reboot'));
  expectExitCode(await run(files, 'teardown', '--yes', '--confirm-within', '30'));
  await expectAsBefore(cell, before).catch(after('the teardown'));
  // Where the files were changed, nobody has seen yet what a boot makes of them.
  if (one.since !== undefined) return 'made';
  await cell.reboot();
  await expectAsBefore(cell, before).catch(after('the teardown and a reboot'));
  return 'made';
}

interface RunFiles {
  readonly inventory: string;
  readonly playbook: string;
}

/** Writes the inventory and the playbook that asks for the case's settings. */
function writeFiles(cell: Cell, one: NetworkCase): RunFiles {
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
      resources: (context) => settings.map((nic) => networkInterface(context, nic)),
    },
  ],
});
`,
  );
  return { inventory, playbook };
}

async function run(
  { inventory, playbook }: RunFiles,
  command: 'apply' | 'plan' | 'teardown',
  ...words: readonly string[]
): Promise<WatchedRun> {
  const rest = command === 'teardown' ? [] : ['-p', playbook];
  return await watchedRun([command, '-i', inventory, '-l', cellHost.name, ...rest, ...words]);
}

function rootFiles(files: NetworkCase['files']): readonly RootFile[] {
  return Object.entries(files).map(([file, what]) =>
    typeof what === 'string' ? { path: file, mode: 0o644, content: what } : { path: file, ...what },
  );
}

/** Writes files on a host that runs, and does nothing else there. */
async function changeFiles(cell: Cell, files: readonly RootFile[]): Promise<void> {
  for (const { path: file, mode, content } of files) {
    const text = Buffer.from(content).toString('base64');
    await cell.run(`echo ${text} | base64 -d >'${file}'; chmod ${mode.toString(8)} '${file}'`);
  }
}

async function look(cell: Cell): Promise<Seen> {
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

async function expectMade(cell: Cell, one: NetworkCase, before: Seen): Promise<void> {
  const { network } = await look(cell);
  const wrong = shortcomings(before.network, network, settingsOf(one));
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${await printFiles(cell, one)}`);
}

/** A plan is empty, by its exit status. */
async function expectNothingToDo(files: RunFiles): Promise<void> {
  expectExitCode(await run(files, 'plan'));
}

async function expectAsBefore(cell: Cell, before: Seen): Promise<void> {
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
  // How long a lease or a neighbour is still good for.
  /^[-+] file \/var\/lib\/(dhcp|systemd\/network)\//,
];

async function expectRefused(
  cell: Cell,
  {
    one,
    before,
    files,
    applied,
  }: {
    readonly one: NetworkCase;
    readonly before: Seen;
    readonly files: RunFiles;
    readonly applied: WatchedRun;
  },
): Promise<CaseEnd> {
  const said = errorsOf(applied)
    .map(({ code, message, hint = '', causes = [] }) => [code, message, ...causes, hint].join(' '))
    .join('\n');
  if (one.expect === 'made') throw new Error(`refused or failed: ${said || applied.stderr}`);
  const begun = applied.events.find(({ type }) => type === 'step-started');
  if (begun !== undefined)
    throw new Error(`refused only after '${begun.step ?? ''}' began: ${said}`);
  if (one.expect instanceof RegExp && !one.expect.test(said)) {
    throw new Error(`refused, but not with ${one.expect.source}: ${said || applied.stderr}`);
  }
  const { exitCode } = await run(files, 'plan');
  if (exitCode !== 1) throw new Error(`apply refuses, plan ends with ${exitCode}: ${said}`);
  await expectAsBefore(cell, before);
  const left = await cell.run('ls -A /var/lib/lvslab /run/lvslab 2>/dev/null || :');
  if (left.includes('journal')) throw new Error(`refused, and there is a journal: ${left}`);
  return 'refused';
}

function expectExitCode(ran: WatchedRun): void {
  if (ran.exitCode === 0) return;
  const what = JSON.stringify(errorsOf(ran), undefined, 1).slice(0, 3000);
  throw new Error(`exit status ${ran.exitCode}: ${what} ${ran.stderr}`);
}

/** Says when an error was seen. */
function after(moment: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`after ${moment}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  };
}

/** The files of the case as they are now, for whoever has to find out what went wrong. */
async function printFiles(cell: Cell, { files }: NetworkCase): Promise<string> {
  const folders = [...new Set(Object.keys(files).map((file) => path.dirname(file)))];
  const words = folders.map((folder) => `'${folder}'`).join(' ');
  return await cell.run(
    `find ${words} -maxdepth 1 -type f -size -20k -exec sh -c 'for f; do echo "--- $f"; cat "$f"; done' sh {} +`,
  );
}
