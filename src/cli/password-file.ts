import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { UsageError } from '../engine/errors.ts';
import { Secret } from '../engine/secret.ts';

/**
 * The password that a file holds, or, where it is executable, prints; as Ansible reads its password files.
 * @param args for the program
 * @throws UsageError when it can't be read, fails, or holds nothing.
 */
export async function readPasswordFile(
  file: string,
  args: readonly string[] = [],
): Promise<Secret> {
  const full = path.resolve(file.replace(/^~(?=\/|$)/, homedir()));
  try {
    const { mode } = await stat(full);
    const password =
      (mode & 0o111) === 0
        ? (await readFile(full, 'utf8')).trim()
        : (await printedBy(full, args)).replaceAll(/^[\r\n]+|[\r\n]+$/g, '');
    if (password === '') throw unusable(file, 'it is empty');
    return new Secret(password);
  } catch (cause) {
    throw cause instanceof UsageError ? cause : unusable(file, reasonOf(cause), cause);
  }
}

/** The program may ask the person: standard input and standard error are ours. */
async function printedBy(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['inherit', 'pipe', 'inherit'] });
  const [printed, [status, signal]] = await Promise.all([
    text(child.stdout),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  if (status === 0) return printed;
  throw unusable(program, `the program ended with ${signal ?? `status ${status ?? 'unknown'}`}`);
}

function unusable(file: string, reason: string, cause?: unknown): UsageError {
  return new UsageError(`the password file ${file} can't be used: ${reason}`, {
    cause,
    hint: 'Give a file with the password in it, or an executable program that prints it.',
  });
}

function reasonOf(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  const texts: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOEXEC: 'it is executable, but no program',
  };
  return texts[code ?? ''] ?? String(cause);
}
