import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { killCgroup, removeCgroup } from '../../src/embedded/machine/cgroups.ts';

/** What the network namespaces of this process are called, and those of other benches. */
export const ownNamespace = `lvb${process.pid}`;
const BENCH_NAMESPACE = /^lvb(\d+)(-\d+)?$/;

/** The control group of the hosts of a bench. */
export function hostsCgroup(pid: number | string = process.pid): string {
  return `lvslab-bench-${pid}`;
}

/** Removes the network namespaces of a bench, and all that runs in its control group. */
export async function removeNamespaces(pid: number | string = process.pid): Promise<void> {
  await killCgroup(hostsCgroup(pid));
  await removeCgroup(hostsCgroup(pid));
  for (const name of namespaces()) {
    if (BENCH_NAMESPACE.exec(name)?.[1] === String(pid)) execFileSync('ip', ['netns', 'del', name]);
  }
}

/** Removes what benches have left that were killed. */
export async function sweep(): Promise<void> {
  const pids = namespaces().flatMap((name) => BENCH_NAMESPACE.exec(name)?.[1] ?? []);
  for (const pid of new Set(pids)) {
    if (!existsSync(`/proc/${pid}`)) await removeNamespaces(pid);
  }
}

function namespaces(): readonly string[] {
  return existsSync('/run/netns') ? readdirSync('/run/netns') : [];
}
