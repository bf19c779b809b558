import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { $ } from 'zx/core';

import { cancelled, throwIfCancelled } from '../../engine/model/failures/cancellation.ts';
import { EmbeddedLabError } from '../../engine/model/failures/errors.ts';
import { sh } from '../../engine/model/shell/script.ts';
import { type LabIdentity } from '../embedded-lab.ts';
import { killGroup } from '../machine/programs.ts';

export interface LockOptions {
  readonly file: string;
  /** How long another process that lives may hold it before we give up. */
  readonly waitSeconds: number;
  /** What it is the lock of, for the reader. */
  readonly what: string;
  /** Told at once when another process holds it and is waited for: 'waits for process 12, which works on the debian image'. */
  readonly onWait?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How often a lock is asked for whose holder has died: the kernel gives it back when it gets to it. */
const TRIES_AFTER_DEATH = 60;

/**
 * Holds a lock file while the work runs. The lock belongs to this process: the kernel releases it when the process
 * ends, however it ends.
 * @throws EmbeddedLabError when another process holds it for longer than `waitSeconds`, CancelledError.
 */
export async function withLock<T>(options: LockOptions, work: () => Promise<T>): Promise<T> {
  const { file } = options;
  await mkdir(path.dirname(file), { recursive: true });
  const keeper = await takeLock(options);
  try {
    await writeFile(file, `${process.pid} ${(await startOf(process.pid)) ?? ''}\n`);
    return await work();
  } finally {
    await keeper.giveBack();
  }
}

/** The child that holds the lock until its standard input closes. */
interface Keeper {
  readonly giveBack: () => Promise<unknown>;
}

/** The lock where nobody holds it; else whoever waits is told for whom. */
async function takeAtOnce(
  options: LockOptions,
  onWait: (text: string) => void,
): Promise<Keeper | undefined> {
  const keeper = await tryLock({ ...options, waitSeconds: 0 });
  if (keeper !== undefined) return keeper;
  const holder = await holderOf(options.file);
  const whom = typeof holder === 'number' ? `process ${holder}` : 'another lvslab';
  onWait(`waits for ${whom}, which works on ${options.what}`);
  return undefined;
}

async function takeLock(options: LockOptions): Promise<Keeper> {
  const { file, what, onWait } = options;
  const keeper = onWait === undefined ? undefined : await takeAtOnce(options, onWait);
  if (keeper !== undefined) return keeper;
  for (let tries = 0; ; tries += 1) {
    const waitSeconds = tries === 0 ? options.waitSeconds : 1;
    const keeper = await tryLock({ ...options, waitSeconds });
    if (keeper !== undefined) return keeper;
    const holder = await holderOf(file);
    if (holder === 'dead' && tries < TRIES_AFTER_DEATH) continue;
    const process = typeof holder === 'number' ? `: process ${holder}` : '';
    throw new EmbeddedLabError(`another lvslab is working on ${what}${process}`, {
      step: 'lock',
      hint:
        typeof holder === 'number'
          ? `Wait for process ${holder} to end, or stop it, then try again.`
          : `Wait for it to end, then try again.`,
    });
  }
}

/** Resolves to undefined where the lock is not to be had in time. */
/** Says that it has begun, and ends with its standard input. */
export const untilWeEnd = sh`echo locked; exec cat`;

async function tryLock({
  file,
  waitSeconds,
  what,
  signal,
}: LockOptions): Promise<Keeper | undefined> {
  const where = { step: `wait for the lock of ${what}` };
  if (signal !== undefined) throwIfCancelled(signal, where);
  const argv = ['flock', '-w', String(waitSeconds), file, 'sh', '-c', untilWeEnd.text];
  // Node can't lock files; this child does, and ends with us because its standard input closes then. What is typed at
  // the terminal must not reach it.
  const keeper = $({ quiet: true, nothrow: true, detached: true, stdio: 'pipe' })`${argv}`;
  const locked = new Promise<boolean>((resolve) => {
    keeper.stdout.once('data', () => {
      resolve(true);
    });
  });
  const stop = (): void => {
    killGroup(keeper.pid, 'SIGKILL');
  };
  signal?.addEventListener('abort', stop, { once: true });
  const isLocked = await Promise.race([locked, keeper.then(() => false)]);
  signal?.removeEventListener('abort', stop);
  if (signal?.aborted === true) throw cancelled(signal, where);
  if (!isLocked) return undefined;
  return {
    giveBack: async () => {
      keeper.stdin.end();
      await keeper;
    },
  };
}

/** Who has written itself into the lock file: its process, 'dead' where that has ended, or 'unknown'. */
async function holderOf(file: string): Promise<number | 'dead' | 'unknown'> {
  const [, pid = '', start] = /^(\d+) (\d+)$/m.exec(await readFile(file, 'utf8')) ?? [];
  if (start === undefined) return 'unknown';
  return (await startOf(Number(pid))) === start ? Number(pid) : 'dead';
}

/** When a process was started, in the kernel's ticks: it tells one from a later one of the same number. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** Holds the lab while the work runs: nobody else brings it up or takes it down meanwhile. */
export function withLabLock<T>(
  { name, paths, signal }: LabIdentity & Pick<LockOptions, 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  const file = path.join(paths.cache, 'locks', `lab-${name}`);
  return withLock({ file, waitSeconds: 3, what: `the lab ${name}`, signal }, work);
}
