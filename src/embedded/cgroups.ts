import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { EmbeddedLabError } from '../engine/errors.ts';

const MOUNT = '/sys/fs/cgroup';

/**
 * The trees in which a group is made: one on a cgroup2 machine; two on a hybrid one, where systemd-nspawn looks at
 * the `name=systemd` tree as well. The first is always the cgroup2 tree.
 * @throws EmbeddedLabError
 */
function cgroupTrees(): readonly string[] {
  if (existsSync(`${MOUNT}/cgroup.controllers`)) return [MOUNT];
  const hybrid = [`${MOUNT}/unified`, `${MOUNT}/systemd`];
  if (hybrid.every((tree) => existsSync(`${tree}/cgroup.procs`))) return hybrid;
  throw new EmbeddedLabError('this machine has no cgroup2 tree on /sys/fs/cgroup', {
    step: 'cgroups',
    hint: 'Mount cgroup2, or boot with systemd.unified_cgroup_hierarchy=1.',
  });
}

/** Makes a control group, in all trees. */
export async function makeCgroup(group: string): Promise<void> {
  for (const tree of cgroupTrees()) await mkdir(path.join(tree, group), { recursive: true });
}

/** The files that take the process ids of a group. */
export function procsFiles(group: string): readonly string[] {
  return cgroupTrees().map((tree) => path.join(tree, group, 'cgroup.procs'));
}

/** The argument list that runs `argv` inside a group, so that killing the group ends it with all of its children. */
export function inCgroup(group: string, argv: readonly string[]): readonly string[] {
  // Writing 0 moves the process that writes.
  const enter = 'while [ "$1" != -- ]; do echo 0 > "$1" || exit 1; shift; done; shift; exec "$@"';
  return ['sh', '-c', enter, 'sh', ...procsFiles(group), '--', ...argv];
}

/** Whether any process lives in the group. */
export async function isPopulated(group: string): Promise<boolean> {
  const [unified = MOUNT] = cgroupTrees();
  const events = await readFile(path.join(unified, group, 'cgroup.events'), 'utf8').catch(() => '');
  return /^populated 1$/m.test(events);
}

/** Ends every process of the group at once, as a power cut would. */
export async function killCgroup(group: string): Promise<void> {
  const [unified = MOUNT] = cgroupTrees();
  const folder = path.join(unified, group);
  for (let tries = 0; tries < 100 && (await isPopulated(group)); tries += 1) {
    // cgroup.kill is there since Linux 5.14.
    const killed = await writeFile(path.join(folder, 'cgroup.kill'), '1').then(
      () => true,
      () => false,
    );
    if (!killed) await killEach(folder);
    await sleep(20);
  }
  if (await isPopulated(group)) {
    throw new EmbeddedLabError(`processes of the control group ${group} do not end`, {
      step: 'kill',
      hint: `Look at them with \`systemd-cgls ${folder}\`.`,
    });
  }
}

/**
 * Removes the group and those below it from all trees; nothing happens where there is none. A process that was on its way
 * into a group when all others were killed makes that group busy for a moment: it is ended, too.
 */
export async function removeCgroup(group: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await removeFolders(group);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || tries === 100) throw error;
      await sleep(20);
      await killCgroup(group);
    }
  }
}

async function removeFolders(group: string): Promise<void> {
  for (const tree of cgroupTrees()) {
    for (const folder of (await foldersBelow(path.join(tree, group))).toReversed()) {
      await rmdir(folder).catch(tolerateMissing);
    }
  }
}

async function killEach(folder: string): Promise<void> {
  for (const group of await foldersBelow(folder)) {
    const pids = await readFile(path.join(group, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const pid of pids.split('\n').filter((line) => Number(line) > 0)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It ended by itself.
      }
    }
  }
}

async function foldersBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [];
  const below = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => foldersBelow(path.join(folder, entry.name)));
  return [folder, ...(await Promise.all(below)).flat()];
}

function tolerateMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
