import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

import { throwIfCancelled } from '../../engine/model/failures/cancellation.ts';
import { LvslabError, UsageError } from '../../engine/model/failures/errors.ts';
import { Secret } from '../../engine/model/secret.ts';

/**
 * The password that a file holds, or, where it is executable, prints; as Ansible reads its password files.
 * @param args for the program
 * @throws UsageError when it can't be read, fails, takes or prints too much, or holds nothing; CancelledError
 */
export async function readPasswordFile(
  file: string,
  args: readonly string[] = [],
  limits: PasswordProgramLimits = {},
): Promise<Secret> {
  const full = path.resolve(file.replace(/^~(?=\/|$)/, homedir()));
  try {
    const { mode } = await stat(full);
    const password =
      (mode & 0o111) === 0
        ? (await readFile(full, 'utf8')).trim()
        : (await printedBy(full, args, limits)).replaceAll(/^[\r\n]+|[\r\n]+$/g, '');
    if (password === '') throw unusable(file, 'it is empty');
    return new Secret(password);
  } catch (cause) {
    if (cause instanceof LvslabError) throw cause;
    throw unusable(file, reasonOf(cause), cause);
  }
}

/** What a program that prints a password is held to. */
interface PasswordProgramLimits {
  /** Five minutes unless told: it may ask its person. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 5 * 60_000;
const MAX_BYTES = 64 * 1024;

/** The program may ask the person: standard input and standard error are ours, and it stays in our process group. */
async function printedBy(
  program: string,
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS, signal }: PasswordProgramLimits,
): Promise<string> {
  if (signal !== undefined) throwIfCancelled(signal);
  const child = spawn(program, args, { stdio: ['inherit', 'pipe', 'inherit'] });
  let excess: string | undefined;
  const end = (reason: string): void => {
    excess ??= reason;
    child.kill('SIGKILL');
    // What it started may hold the pipe open.
    child.stdout.destroy();
  };
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) end(`it printed more than ${MAX_BYTES / 1024} KiB`);
    else chunks.push(chunk);
  });
  const timer = setTimeout(() => {
    end(`the program did not end within ${timeoutMs / 1000} s`);
  }, timeoutMs);
  const onAbort = (): void => {
    end('stopped');
  };
  signal?.addEventListener('abort', onAbort);
  try {
    const [status, by] = (await once(child, 'close')) as [number | null, string | null];
    if (signal !== undefined) throwIfCancelled(signal);
    if (excess !== undefined) throw unusable(program, excess);
    if (status === 0) return Buffer.concat(chunks).toString('utf8');
    throw unusable(program, `the program ended with ${by ?? `status ${status ?? 'unknown'}`}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
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
