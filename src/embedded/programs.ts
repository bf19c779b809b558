import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';

import { $, type ProcessOutput } from 'zx/core';

import { CancelledError, EmbeddedLabError, type LvslabErrorOptions } from '../engine/errors.ts';
import { inCgroup } from './cgroups.ts';

export interface ProgramOptions extends Pick<LvslabErrorOptions, 'host' | 'step' | 'hint'> {
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
  /** The control group that it runs in, for what must not outlive the lab. */
  readonly cgroup?: string;
  /** Called with each line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program of this machine and resolves to its standard output.
 * @throws EmbeddedLabError when it fails, CancelledError when the signal ended it.
 */
export async function runProgram(
  argv: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  const result = await askProgram(argv, options);
  if (result.exitCode === 0) return result.stdout;
  const { host, step, hint } = options;
  const message = `${argv.slice(0, 3).join(' ')}: ${reasonOf(result)}`;
  throw new EmbeddedLabError(message, given({ host, step, hint }));
}

/** Runs a program whose failure is an answer, not an error. */
export async function askProgram(
  argv: readonly string[],
  { signal, cwd, cgroup, onLine, host, step }: ProgramOptions = {},
): Promise<ProcessOutput> {
  signal?.throwIfAborted();
  const words = cgroup === undefined ? argv : inCgroup(cgroup, argv);
  const running = $({
    quiet: true,
    nothrow: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...given({ signal, cwd }),
  })`${words}`;
  if (onLine !== undefined) {
    onLines(running.stdout, onLine);
    onLines(running.stderr, onLine);
  }
  const result = await running;
  if (signal?.aborted === true) {
    throw new CancelledError('stopped on request', given({ host, step }));
  }
  return result;
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
export async function removeTree(folder: string): Promise<void> {
  await runProgram(['rm', '-rf', '--one-file-system', folder], { step: `remove ${folder}` });
}

function reasonOf({ exitCode, signal, stdout, stderr }: ProcessOutput): string {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-12).join('\n');
  const ending = exitCode === null ? `ended by ${signal ?? 'a signal'}` : `exit status ${exitCode}`;
  return said === '' ? ending : `${ending}\n${said}`;
}
