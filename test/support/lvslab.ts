import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How a run of the real program ended. */
export interface ProgramRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PROGRAM = fileURLToPath(new URL('../../bin/lvslab.js', import.meta.url));

/** Runs the built program as a person would, without a terminal. */
export async function lvslab(...args: readonly string[]): Promise<ProgramRun> {
  return await lvslabIn({}, ...args);
}

/** Runs the built program with more in its environment. */
export async function lvslabIn(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<ProgramRun> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout, stderr };
}

/** A run of the program must end so; its output is in the message when it doesn't. */
export function expectExit({ exitCode, stdout, stderr }: ProgramRun, expected: number): void {
  if (exitCode === expected) return;
  throw new Error(`exit status ${exitCode}, not ${expected}\n${stdout.slice(-4000)}\n${stderr}`);
}
