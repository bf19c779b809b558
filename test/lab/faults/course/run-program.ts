import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type ProgramRun } from '../../../support/lvslab.ts';

/** Runs a program of this machine; a failure is an answer. One that takes too long is killed, and has no exit status. */
export async function runProgram(
  [program = '', ...args]: readonly string[],
  { timeoutMs = 120_000 }: { readonly timeoutMs?: number } = {},
): Promise<ProgramRun> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { exitCode, stdout, stderr };
}
