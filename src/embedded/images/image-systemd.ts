import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** From this release of systemd on, it boots on the unified hierarchy of control groups alone. */
const UNIFIED_ONLY = 256;

/**
 * The release of systemd in a root file system, which the name of its own library tells: 252; undefined where there is
 * none, or an old one that has no such library.
 */
export async function systemdRelease(root: string): Promise<number | undefined> {
  const folders = ['usr/lib/systemd', 'usr/lib64/systemd', ...(await multiarchFolders(root))];
  for (const folder of folders) {
    const names = await readdir(path.join(root, folder)).catch(() => []);
    for (const name of names) {
      const [, release] = /^libsystemd-shared-(\d{3})\D.*$/.exec(name) ?? [];
      if (release !== undefined) return Number(release);
    }
  }
  return undefined;
}

async function multiarchFolders(root: string): Promise<readonly string[]> {
  const names = await readdir(path.join(root, 'usr/lib')).catch(() => []);
  const tuples = names.filter((name) => /^\w+-linux-gnu\w*$/.test(name));
  return tuples.map((name) => `usr/lib/${name}/systemd`);
}

/** Whether a container of this root has to be given the unified hierarchy, also where the machine has both. */
export async function needsUnifiedHierarchy(root: string): Promise<boolean> {
  return ((await systemdRelease(root)) ?? 0) >= UNIFIED_ONLY;
}
