import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { privateFolder } from './private-folder.ts';

/** Says something that only a person who wants to know all cares for. */
export type TellDetail = (text: string) => void;

/** Where this user's compiled playbooks lie, to be run again; false where somebody else could have put them there. */
export async function playbookCache(tell: TellDetail): Promise<string | false> {
  const found = await privateFolder(cachePath('jiti'));
  if ('folder' in found) return found.folder;
  tell(`Playbooks are compiled anew, without a cache: ${found.distrust}.`);
  return false;
}

/** Where downloads are kept for the next time; a folder for this time alone where others could interfere. */
export async function downloadsFolder(tell: TellDetail): Promise<string> {
  const found = await privateFolder(cachePath('downloads'));
  if ('folder' in found) return found.folder;
  tell(`Downloads are not kept: ${found.distrust}.`);
  const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-downloads-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/**
 * Where the builds of a lab's hosts are kept for its other hosts and for the next time; undefined where others could interfere.
 * @param inventory the file that describes the lab, absolute.
 */
export async function buildsFolder(
  inventory: string,
  tell: TellDetail,
): Promise<string | undefined> {
  const found = await privateFolder(path.join(cachePath('builds'), nameOf(inventory)));
  if ('folder' in found) return found.folder;
  tell(`Each real server builds its own nginx: ${found.distrust}.`);
  return undefined;
}

/**
 * Where the facts of an inventory's hosts are kept for the next time; undefined where others could interfere.
 * @param inventory the file, absolute.
 */
export async function factsFolder(inventory: string): Promise<string | undefined> {
  const found = await privateFolder(path.join(cachePath('facts'), nameOf(inventory)));
  return 'folder' in found ? found.folder : undefined;
}

function nameOf(inventory: string): string {
  return createHash('sha256').update(inventory).digest('hex').slice(0, 24);
}

function cachePath(part: 'builds' | 'downloads' | 'facts' | 'jiti'): string {
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  // As the XDG base directory specification says: a relative one is to be ignored.
  const base = path.isAbsolute(given) ? given : path.join(homedir(), '.cache');
  return path.join(base, 'lvslab', part);
}
