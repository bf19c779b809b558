import { type Script, sh } from '../model/shell/script.ts';
import { type StatePaths } from './state-paths.ts';

/**
 * Shell that tells the steps which come after it where to note the file that they are about to write, and what they write
 * in it.
 * @param written path of the list of all contents that one invocation has written on a host, by their SHA-256: a later step
 * finds there what an earlier one has made of a file since it was planned.
 */
export function tellWhereToNote(paths: StatePaths, written: string): Script {
  return sh`
    lvslab_unfinished=${noteIn(paths)}
    ## A change that awaits its confirmation is made by another process.
    export lvslab_written=${written}
  `;
}

/** Shell that removes the file that was being written when the host lost its power or the run was killed. */
export function removeUnfinished(paths: StatePaths): Script {
  const note = noteIn(paths);
  return sh`if unfinished=$(readlink -- ${note}); then rm -f -- "$unfinished" ${note}; fi`;
}

/**
 * A symlink to that file: made before it, it is on the disk before it as well, for file systems keep the order of what
 * happens in their paths. A run writes one file at a time.
 */
function noteIn({ stateDir }: StatePaths): string {
  return `${stateDir}/unfinished`;
}
