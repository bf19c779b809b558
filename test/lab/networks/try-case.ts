import path from 'node:path';
import { startLabDhcp } from '../../support/network/lab-dhcp.ts';
import { errorsOf, type WatchedRun } from '../faults/course/watched-run.ts';
import { type Cell } from './cell.ts';
import {
  after,
  changeFiles,
  expectAsBefore,
  expectExitCode,
  look,
  rootFiles,
  run,
  type RunFiles,
  type Seen,
  writeFiles,
} from './cell-run.ts';
import { shortcomings } from './host-network.ts';
import { type NetworkCase, settingsOf } from './network-case.ts';

/** How a case ended: what was asked for is there, or it was refused and nothing was changed. */
export type CaseEnd = 'made' | 'refused';

const careful = ['--yes', '--confirm-within', '30'];

/**
 * Puts the case's files on a new host, boots it, and lets lvslab change it; then it is what it has to be, now and after a
 * reboot, and what it was before, to the byte, after a teardown and another reboot.
 * @throws Error with all that is wrong.
 */
export async function tryCase(cell: Cell, one: NetworkCase): Promise<CaseEnd> {
  if (one.dhcp === undefined) return await tryNetwork(cell, one);
  const dhcp = await startLabDhcp(cell.lab, { bridge: 'br-lan', range: one.dhcp });
  // The next case on this cell may have a NIC that would take a lease, and must not get one halfway through.
  return await tryNetwork(cell, one).finally(dhcp.stop);
}

async function tryNetwork(cell: Cell, one: NetworkCase): Promise<CaseEnd> {
  await cell.boot(rootFiles(one.files));
  await changeFiles(cell, rootFiles(one.since ?? {}));
  const before = await look(cell);
  const files = writeFiles(cell, one);
  const applied = await run(files, ['apply', ...careful]);
  if (applied.exitCode !== 0) return await expectRefused(cell, { one, before, files, applied });
  if (one.expect instanceof RegExp) throw new Error('it was made, and had to be refused');
  await expectMade(cell, one, before);
  await expectNothingToDo(files);
  await cell.reboot();
  await expectMade(cell, one, before).catch(after('the reboot'));
  await expectNothingToDo(files).catch(after('the reboot'));
  expectExitCode(await run(files, ['teardown', ...careful]));
  await expectAsBefore(cell, before).catch(after('the teardown'));
  // Where the files were changed, nobody has seen yet what a boot makes of them.
  if (one.since !== undefined) return 'made';
  await cell.reboot();
  await expectAsBefore(cell, before).catch(after('the teardown and a reboot'));
  return 'made';
}

async function expectMade(cell: Cell, one: NetworkCase, before: Seen): Promise<void> {
  const { network } = await look(cell);
  const wrong = shortcomings(before.network, network, settingsOf(one));
  if (wrong.length > 0) throw new Error(`${wrong.join('\n')}\n${await printFiles(cell, one)}`);
}

/** A plan is empty, by its exit status. */
async function expectNothingToDo(files: RunFiles): Promise<void> {
  expectExitCode(await run(files, ['plan']));
}

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
  const { exitCode } = await run(files, ['plan']);
  if (exitCode !== 1) throw new Error(`apply refuses, plan ends with ${exitCode}: ${said}`);
  await expectAsBefore(cell, before);
  const left = await cell.run('ls -A /var/lib/lvslab /run/lvslab 2>/dev/null || :');
  if (left.includes('journal')) throw new Error(`refused, and there is a journal: ${left}`);
  return 'refused';
}

/** The files of the case as they are now, for whoever has to find out what went wrong. */
async function printFiles(cell: Cell, { files }: NetworkCase): Promise<string> {
  const folders = [...new Set(Object.keys(files).map((file) => path.dirname(file)))];
  const words = folders.map((folder) => `'${folder}'`).join(' ');
  return await cell.run(
    `find ${words} -maxdepth 1 -type f -size -20k -exec sh -c 'for f; do echo "--- $f"; cat "$f"; done' sh {} +`,
  );
}
