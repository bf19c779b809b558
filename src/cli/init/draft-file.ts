import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { type Draft, parseDraft } from '../../wizard/inventory/draft.ts';

/** More than any draft needs. */
const MAX_BYTES = 1024 * 1024;

/** Only this process's user may have written what is read here. */
const OTHERS_MAY_WRITE = 0o022;

/** Where the draft of this user lies. */
function draftFile(): string {
  const { XDG_STATE_HOME: given = '' } = process.env;
  const state = path.isAbsolute(given) ? given : path.join(homedir(), '.local', 'state');
  return path.join(state, 'lvslab', 'init-draft.json');
}

/** The draft that was kept last, where there is one and nobody else can have written it. */
export async function readDraft(): Promise<Draft | undefined> {
  const file = draftFile();
  try {
    if (!isOurs(await lstat(path.dirname(file)))) return undefined;
    const handle = await open(
      file,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    try {
      const stats = await handle.stat();
      const isDraft = stats.isFile() && isOurs(stats) && stats.size <= MAX_BYTES;
      return isDraft ? parseDraft(await handle.readFile('utf8')) : undefined;
    } finally {
      await handle.close();
    }
  } catch {
    // A draft saves some typing; that there is none, or none that can be read, is no failure.
    return undefined;
  }
}

/**
 * Keeps a draft, in one piece, where only this user can read it.
 * @returns why that can't be done; undefined when it was
 */
export async function keepDraft(draft: Draft): Promise<string | undefined> {
  const file = draftFile();
  const folder = path.dirname(file);
  const half = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (!isOurs(await lstat(folder))) return `${folder} can be written to by others`;
    await chmod(folder, 0o700);
    try {
      await writeFile(half, `${JSON.stringify(draft)}\n`, { flag: 'wx', mode: 0o600 });
      await rename(half, file);
    } finally {
      await rm(half, { force: true });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Removes the draft: it has become an inventory. */
export async function removeDraft(): Promise<void> {
  const file = draftFile();
  const isThere = await lstat(path.dirname(file)).then(isOurs, () => false);
  if (isThere) await rm(file, { force: true }).catch(() => undefined);
}

function isOurs({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  const isLink = (mode & constants.S_IFMT) === constants.S_IFLNK;
  return !isLink && uid === process.getuid?.() && (mode & OTHERS_MAY_WRITE) === 0;
}
