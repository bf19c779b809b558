import { $, type ProcessOutput } from 'zx/core';

import { CancelledError, EmbeddedLabError, type LvslabErrorOptions } from '../engine/errors.ts';

export interface ProgramOptions extends Pick<LvslabErrorOptions, 'host' | 'step' | 'hint'> {
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
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
  throw new EmbeddedLabError(`${argv.slice(0, 3).join(' ')}: ${reasonOf(result)}`, {
    ...(host === undefined ? {} : { host }),
    ...(step === undefined ? {} : { step }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Runs a program whose failure is an answer, not an error. */
export async function askProgram(
  argv: readonly string[],
  { signal, cwd, onLine, host, step }: ProgramOptions = {},
): Promise<ProcessOutput> {
  signal?.throwIfAborted();
  const running = $({
    quiet: true,
    nothrow: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
    ...(cwd === undefined ? {} : { cwd }),
  })`${argv}`;
  if (onLine !== undefined) {
    for (const stream of [running.stdout, running.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        text
          .split(/[\r\n]+/)
          .filter((line) => line.trim() !== '')
          .forEach(onLine);
      });
    }
  }
  const result = await running;
  if (signal?.aborted === true) {
    throw new CancelledError('stopped on request', {
      ...(host === undefined ? {} : { host }),
      ...(step === undefined ? {} : { step }),
    });
  }
  return result;
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
