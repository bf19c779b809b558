import { type Journal, parseJournal } from './journal.ts';
import { lines, type Script, sh, trusted } from '../model/script.ts';
import { type StateFolders } from '../host/state-paths.ts';

/** Read-only shell that prints the journal, with a first line that differs for any other content. */
export function printJournal(folders: StateFolders): Script {
  return lines(
    journalVersion(folders),
    sh`if [ -e ${journalOf(folders)} ]; then cat -- ${journalOf(folders)}; fi`,
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
export function journalVersion(folders: StateFolders): Script {
  const journal = journalOf(folders);
  return sh`if [ -e ${journal} ]; then cksum <${journal}; else echo none; fi`;
}

/** Adds lines to the journal and comes back when they are on the disk; the folder is made when it is missing. */
export function appendToJournal(folders: StateFolders, added: readonly string[]): Script {
  const journal = journalOf(folders);
  return lines(
    sh`( umask 077; mkdir -p -- ${folders.lasting}`,
    trusted('{'),
    // A line that was cut short would take the next one with it.
    sh`if [ -s ${journal} ] && [ "$(tail -c 1 -- ${journal} | wc -l)" -eq 0 ]; then echo; fi`,
    sh`printf '%s\\n' ${added}`,
    sh`} | dd of=${journal} oflag=append conv=notrunc,fsync bs=64k iflag=fullblock status=none`,
    sh`sync ${folders.lasting} )`,
  );
}

/**
 * Puts these lines in the place of the journal's, whole or not at all, and comes back when they are on the disk. Only under
 * the lock.
 */
export function rewriteJournal(folders: StateFolders, all: readonly string[]): Script {
  const journal = journalOf(folders);
  const draft = `${journal}.new`;
  return lines(
    sh`( umask 077; draft=${draft}; trap 'rm -f -- "$draft"' EXIT`,
    sh`printf '%s\\n' ${all} | dd of="$draft" conv=fsync bs=64k iflag=fullblock status=none`,
    sh`mv -f -- "$draft" ${journal}; sync ${folders.lasting} )`,
  );
}

/** Succeeds where the journal holds this printed line: its checksum will do, and is short enough for an argument. */
export function isInJournal(folders: StateFolders, printed: string): Script {
  const [checksum = ''] = printed.split(' ', 1);
  return sh`grep -q -e ${`^${checksum} `} -- ${journalOf(folders)} 2>/dev/null`;
}

/** Succeeds where there is no journal. */
export function isWithoutJournal(folders: StateFolders): Script {
  return sh`[ ! -e ${journalOf(folders)} ]`;
}

/** Removes the journal, and its folder where nothing else lies in it. */
export function removeJournal(folders: StateFolders): Script {
  const journal = journalOf(folders);
  return sh`rm -f -- ${journal}; rmdir -- ${folders.lasting} 2>/dev/null || :; sync`;
}

function journalOf({ lasting }: StateFolders): string {
  return `${lasting}/journal`;
}
