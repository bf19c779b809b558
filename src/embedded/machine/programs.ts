import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';

import { $, type ProcessOutput, type ProcessPromise } from 'zx/core';

import { cancelled, throwIfCancelled } from '../../engine/model/failures/cancellation.ts';
import {
  EmbeddedLabError,
  type LvslabErrorOptions,
  TimeoutError,
} from '../../engine/model/failures/errors.ts';
import { inCgroup } from './cgroups.ts';

export interface ProgramOptions extends Pick<LvslabErrorOptions, 'host' | 'step' | 'hint'> {
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
  /** The control group that it runs in, for what must not outlive the lab. */
  readonly cgroup?: string;
  /** Called with each line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds that it may take; half an hour unless told. */
  readonly limitMs?: number;
}

/** How a program of this machine ended. */
export interface ProgramAnswer extends Pick<ProcessOutput, 'exitCode' | 'stdout' | 'stderr'> {
  /** Whether it was ended because it took longer than it may; its output is lost then. */
  readonly isLate: boolean;
}

/** Half an hour: what takes longer than that on a machine that is busy many times over hangs. */
const LIMIT_MS = 1_800_000;
/** From asking a program to end until it is made to, and until what still holds its output is left alone. */
const GRACE_MS = 500;

/**
 * Runs a program of this machine and resolves to its standard output.
 * @throws EmbeddedLabError when it fails, TimeoutError, CancelledError when the signal ended it.
 */
export async function runProgram(
  argv: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const result = await askProgram(argv, options);
  if (result.exitCode === 0) return result.stdout;
  const { host, step, hint, limitMs = LIMIT_MS } = options;
  const what = argv.slice(0, 3).join(' ');
  const where = given({ host, step, hint });
  if (result.isLate) throw new TimeoutError(`${what}: not done after ${limitMs / 1000} s`, where);
  throw new EmbeddedLabError(`${what}: ${reasonOf(result)}`, where);
}

/**
 * Runs a program whose failure is an answer, not an error. It is a session of its own: what is typed at the terminal
 * reaches it through the signal only, and then with all of its children.
 * @throws CancelledError
 */
export async function askProgram(
  argv: readonly string[],
  { signal, cwd, cgroup, onLine, host, step, limitMs = LIMIT_MS }: ProgramOptions = {},
): Promise<ProgramAnswer> {
  const where = given({ host, step });
  if (signal !== undefined) throwIfCancelled(signal, where);
  const words = cgroup === undefined ? argv : inCgroup(cgroup, argv);
  const running = $({
    quiet: true,
    nothrow: true,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...given({ cwd }),
  })`${words}`;
  if (onLine !== undefined) {
    onLines(running.stdout, onLine);
    onLines(running.stderr, onLine);
  }
  const overdue = AbortSignal.timeout(Math.ceil(limitMs));
  const stop = signal === undefined ? overdue : AbortSignal.any([overdue, signal]);
  const result = await untilEnded(running, stop);
  if (signal?.aborted === true) throw cancelled(signal, where);
  if (result !== undefined) {
    const { exitCode, stdout, stderr } = result;
    return { exitCode, stdout, stderr, isLate: false };
  }
  return { exitCode: null, stdout: '', stderr: '', isLate: true };
}

/** Resolves to how it ended by itself, or to undefined once it has been ended. */
async function untilEnded(
  running: ProcessPromise,
  stop: AbortSignal,
): Promise<ProcessOutput | undefined> {
  const over = new AbortController();
  const ended = running.then((result) => (stop.aborted ? undefined : result));
  const left = new Promise<undefined>((resolve) => {
    const end = (): void => {
      killGroup(running.pid, 'SIGTERM');
      setTimeout(() => {
        killGroup(running.pid, 'SIGKILL');
        setTimeout(() => {
          resolve(undefined);
        }, GRACE_MS).unref();
      }, GRACE_MS);
    };
    if (stop.aborted) end();
    else stop.addEventListener('abort', end, { signal: over.signal });
  });
  try {
    return await Promise.race([ended, left]);
  } finally {
    over.abort();
  }
}

/** Ends a program with the children that it has not sent away. */
export function killGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // All of them have ended.
  }
}

function onLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface(stream).on('line', (line) => {
    if (line.trim() !== '') onLine(line);
  });
}

type Given<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The properties that are set: "not set" is an absent property for those who take them. */
function given<T extends object>(properties: T): Given<T> {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<T>;
}

/** Removes a folder with all that is in it, but never crosses into something mounted there. */
export async function removeTree(
  folder: string,
  { signal }: Pick<ProgramOptions, 'signal'> = {},
): Promise<void> {
  const argv = ['rm', '-rf', '--one-file-system', folder];
  await runProgram(argv, { step: `remove ${folder}`, signal });
}

function reasonOf({ exitCode, stdout, stderr }: ProgramAnswer): string {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-12).join('\n');
  const ending = exitCode === null ? 'ended by a signal' : `exit status ${exitCode}`;
  return said === '' ? ending : `${ending}\n${said}`;
}
