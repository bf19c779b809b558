import { type Script, sh } from '../model/script.ts';
import { type StateFolders } from './state-paths.ts';

/** Shell that tells the steps which come after it where to note the file that they are about to write. */
export function tellWhereToNote(folders: StateFolders): Script {
  return sh`lvslab_unfinished=${noteIn(folders)}`;
}

/** Shell that removes the file that was being written when the host lost its power or the run was killed. */
export function removeUnfinished(folders: StateFolders): Script {
  const note = noteIn(folders);
  return sh`if unfinished=$(readlink -- ${note}); then rm -f -- "$unfinished" ${note}; fi`;
}

/**
 * A symlink to that file: made before it, it is on the disk before it as well, for file systems keep the order of what
 * happens in their folders. A run writes one file at a time.
 */
function noteIn({ lasting }: StateFolders): string {
  return `${lasting}/unfinished`;
}
