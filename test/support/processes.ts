import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program of this machine to its end; throws when it fails. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(program, args, { env: { ...process.env, ...env } });
}

/** Whether a process of this machine goes on. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until something is so; half a minute at most, for the sake of machines that are busy. */
export async function waitUntil(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1500 && !(await condition()); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
