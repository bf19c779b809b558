import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { $ } from 'zx/core';

import { EmbeddedLabError } from '../engine/errors.ts';
import { type LabIdentity } from './embedded-lab.ts';

/**
 * Holds a lock file while the work runs. The lock belongs to this process: the kernel takes it back when the process
 * ends, however it ends.
 * @throws EmbeddedLabError when another process holds it for longer than `waitSeconds`.
 */
export async function withLock<T>(
  {
    file,
    waitSeconds,
    what,
  }: { readonly file: string; readonly waitSeconds: number; readonly what: string },
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  const argv = ['flock', '-w', String(waitSeconds), file, 'sh', '-c', 'echo locked; exec cat'];
  // Node can't lock files; this child does, and ends with us because its standard input closes then.
  const holder = $({ quiet: true, nothrow: true, stdio: 'pipe' })`${argv}`;
  const locked = await Promise.race([
    new Promise<boolean>((resolve) => {
      holder.stdout.once('data', () => {
        resolve(true);
      });
    }),
    holder.then(() => false),
  ]);
  if (!locked) {
    throw new EmbeddedLabError(`another lvslab is working on ${what}`, {
      step: 'lock',
      hint: 'Wait for it to end, or stop it, then run the command again.',
    });
  }
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await holder;
  }
}

/** Holds the lab while the work runs: nobody else brings it up or takes it down meanwhile. */
export function withLabLock<T>({ name, paths }: LabIdentity, work: () => Promise<T>): Promise<T> {
  const file = path.join(paths.cache, 'locks', `lab-${name}`);
  // Long enough for the lock of a process that was just killed to be given back.
  return withLock({ file, waitSeconds: 3, what: `the lab ${name}` }, work);
}
