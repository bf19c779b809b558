import { lstat, mkdir, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';

/** A folder whose content is this user's alone, free of links; or why it can't be trusted. */
export type PrivateFolder = { readonly folder: string } | { readonly distrust: string };

/** Others may write there. */
const WRITABLE = 0o022;
/** In such a folder, nobody can rename or replace what is another's. */
const STICKY = 0o1000;

/**
 * Makes a folder for this user alone where there is none yet. It is trusted only when nobody but this user and root could
 * have put anything into it, or put another one in its place: by owner and mode of it and of all folders above it.
 */
export async function privateFolder(wanted: string): Promise<PrivateFolder> {
  try {
    // Before anything is made: root leaves nothing of its own in somebody else's home.
    const above = await distrustOfPath(await realpath(await lastThatIsThere(wanted)));
    if (above !== undefined) return { distrust: above };
    await mkdir(wanted, { recursive: true, mode: 0o700 });
    // What is used from here on has no links in it that could lead elsewhere later.
    const folder = await realpath(wanted);
    const distrust = (await distrustOfPath(folder)) ?? (await distrustOfContent(folder));
    return distrust === undefined ? { folder } : { distrust };
  } catch (error) {
    return { distrust: error instanceof Error ? error.message : String(error) };
  }
}

async function lastThatIsThere(folder: string): Promise<string> {
  const stats = await lstat(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return stats === undefined ? await lastThatIsThere(path.dirname(folder)) : folder;
}

/** Why others may change what this path leads to. */
async function distrustOfPath(folder: string): Promise<string | undefined> {
  const { uid, mode } = await lstat(folder);
  if (!isOurs(uid)) return `${folder} belongs to user ${uid}`;
  const isGuarded = (mode & WRITABLE) === 0 || (mode & STICKY) !== 0;
  if (!isGuarded) return `others can write to ${folder}`;
  const above = path.dirname(folder);
  return above === folder ? undefined : await distrustOfPath(above);
}

/** What somebody put there while the folder was open to others is still theirs. */
async function distrustOfContent(folder: string): Promise<string | undefined> {
  const { mode } = await lstat(folder);
  if ((mode & WRITABLE) !== 0) return `others can write to ${folder}`;
  for (const name of await readdir(folder)) {
    const entry = path.join(folder, name);
    const stats = await lstat(entry);
    if (!isOurs(stats.uid)) return `${entry} belongs to user ${stats.uid}`;
    if (stats.isSymbolicLink()) return `${entry} is a link`;
    if (!stats.isFile()) return `${entry} is no file`;
    if ((stats.mode & WRITABLE) !== 0) return `others can write to ${entry}`;
  }
  return undefined;
}

function isOurs(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.();
}
