import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { pause } from '../../engine/model/failures/cancellation.ts';
import { EmbeddedLabError } from '../../engine/model/failures/errors.ts';
import { sh } from '../../engine/model/shell/script.ts';

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

/** Writing 0 moves the process that writes. */
const enterGroup = sh`
  while [ "$1" != -- ]; do echo 0 > "$1" || exit 1; shift; done
  shift
  exec "$@"
`;

/** The argument list that runs `argv` inside a group, so that killing the group ends it with all of its children. */
export function inCgroup(group: string, argv: readonly string[]): readonly string[] {
  return ['sh', '-c', enterGroup.text, 'sh', ...procsFiles(group), '--', ...argv];
}

/** Whether any process lives in the group. */
export async function isPopulated(group: string): Promise<boolean> {
  const [unified = MOUNT] = cgroupTrees();
  const events = await readFile(path.join(unified, group, 'cgroup.events'), 'utf8').catch(() => '');
  return /^populated 1$/m.test(events);
}

/**
 * Processor time that the group has had so far, and the time that some of it was kept waiting for a processor or a disk;
 * 0 where the kernel does not tell.
 */
export async function processorTime(
  group: string,
): Promise<{ readonly usedMs: number; readonly waitedMs: number }> {
  const [unified = MOUNT] = cgroupTrees();
  const read = async (file: string, pattern: RegExp): Promise<number> => {
    const text = await readFile(path.join(unified, group, file), 'utf8').catch(() => '');
    return Number(pattern.exec(text)?.[1] ?? 0) / 1000;
  };
  const [usedMs, forCpu, forDisk] = await Promise.all([
    read('cpu.stat', /^usage_usec (\d+)$/m),
    read('cpu.pressure', /^some .*total=(\d+)$/m),
    read('io.pressure', /^some .*total=(\d+)$/m),
  ]);
  return { usedMs, waitedMs: forCpu + forDisk };
}

/** How long killed processes may take until one more of them is gone; on a busy machine that takes its time. */
const DYING_MS = 60_000;

/**
 * Ends every process of the group at once, as a power cut would.
 * @throws EmbeddedLabError, CancelledError
 */
export async function killCgroup(group: string, signal?: AbortSignal): Promise<void> {
  const [unified = MOUNT] = cgroupTrees();
  const folder = path.join(unified, group);
  let fewest = Infinity;
  let progressed = performance.now();
  while (await isPopulated(group)) {
    const left = (await pidsBelow(folder)).length;
    if (left < fewest) progressed = performance.now();
    fewest = Math.min(fewest, left);
    if (performance.now() - progressed > DYING_MS) {
      throw new EmbeddedLabError(`processes of the control group ${group} do not end`, {
        step: 'kill',
        hint: `Look at them with \`systemd-cgls ${folder}\`.`,
      });
    }
    // cgroup.kill is there since Linux 5.14.
    const killed = await writeFile(path.join(folder, 'cgroup.kill'), '1').then(
      () => true,
      () => false,
    );
    if (!killed) await killEach(folder);
    await pause(20, signal, { step: 'kill' });
  }
}

/**
 * Removes the group and those below it from all trees; nothing happens where there is none. A process that was on its way
 * into a group when all others were killed makes that group busy for a moment: it is ended, too.
 * @throws EmbeddedLabError, CancelledError
 */
export async function removeCgroup(group: string, signal?: AbortSignal): Promise<void> {
  const began = performance.now();
  for (;;) {
    try {
      await removeFolders(group);
      return;
    } catch (error) {
      const isBusy = (error as NodeJS.ErrnoException).code === 'EBUSY';
      if (!isBusy || performance.now() - began > DYING_MS) throw error;
      await pause(20, signal, { step: 'remove the control groups' });
      await killCgroup(group, signal);
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
  for (const pid of await pidsBelow(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

async function pidsBelow(folder: string): Promise<readonly number[]> {
  const groups = await foldersBelow(folder);
  const texts = groups.map((group) =>
    readFile(path.join(group, 'cgroup.procs'), 'utf8').catch(() => ''),
  );
  const pids = (await Promise.all(texts)).flatMap((text) => text.split('\n').map(Number));
  return pids.filter((pid) => pid > 0);
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
