import { type Journal, parseJournal } from './journal.ts';
import { lines, type Script, sh } from '../model/shell/script.ts';
import { type StatePaths } from '../host/state-paths.ts';

/** Read-only shell that prints the journal, with a first line that differs for any other content. */
export function printJournal(paths: StatePaths): Script {
  return lines(
    journalVersion(paths),
    sh`if [ -e ${journalOf(paths)} ]; then cat -- ${journalOf(paths)}; fi`,
  );
}

/** Reads what `printJournal` printed; undefined where that is no version and a journal. */
export function readJournal(output: string): Journal | undefined {
  const end = output.indexOf('\n');
  const version = output.slice(0, end).trim();
  return VERSION.test(version) ? parseJournal(output.slice(end + 1), version) : undefined;
}

/** What cksum prints, or that there is none. */
const VERSION = /^(none|\d{1,20} \d{1,20})$/;

/** Prints the version of the journal in one line. */
export function journalVersion(paths: StatePaths): Script {
  const journal = journalOf(paths);
  return sh`if [ -e ${journal} ]; then cksum <${journal}; else echo none; fi`;
}

/** Adds lines to the journal and comes back when they are on the disk; the folder is made when it is missing. */
export function appendToJournal(paths: StatePaths, added: readonly string[]): Script {
  const journal = journalOf(paths);
  return sh`
    (
      umask 077
      mkdir -p -- ${paths.stateDir}
      {
        ## A line that was cut short would take the next one with it.
        if [ -s ${journal} ] && [ "$(tail -c 1 -- ${journal} | wc -l)" -eq 0 ]; then echo; fi
        printf '%s\n' ${added}
      } | dd of=${journal} oflag=append conv=notrunc,fsync bs=64k iflag=fullblock status=none
      sync ${paths.stateDir}
    )
  `;
}

/**
 * Puts these lines in the place of the journal's, whole or not at all, and comes back when they are on the disk. Only under
 * the lock.
 */
export function rewriteJournal(paths: StatePaths, all: readonly string[]): Script {
  const journal = journalOf(paths);
  const draft = `${journal}.new`;
  return sh`
    (
      umask 077
      draft=${draft}
      trap 'rm -f -- "$draft"' EXIT
      printf '%s\n' ${all} | dd of="$draft" conv=fsync bs=64k iflag=fullblock status=none
      mv -f -- "$draft" ${journal}
      sync ${paths.stateDir}
    )
  `;
}

/** Succeeds where the journal holds this printed line: its checksum will do, and is short enough for an argument. */
export function isInJournal(paths: StatePaths, printed: string): Script {
  const [checksum = ''] = printed.split(' ', 1);
  return sh`grep -q -e ${`^${checksum} `} -- ${journalOf(paths)} 2>/dev/null`;
}

/** Succeeds where there is no journal. */
export function isWithoutJournal(paths: StatePaths): Script {
  return sh`[ ! -e ${journalOf(paths)} ]`;
}

/** Removes the journal, and its folder where nothing else lies in it. */
export function removeJournal(paths: StatePaths): Script {
  const journal = journalOf(paths);
  return sh`rm -f -- ${journal}; rmdir -- ${paths.stateDir} 2>/dev/null || :; sync`;
}

function journalOf({ stateDir }: StatePaths): string {
  return `${stateDir}/journal`;
}
