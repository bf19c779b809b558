import { type Connection } from './connection.ts';
import { ObserveError } from './errors.ts';
import { type Journal } from './journal.ts';
import { printJournal, readJournal } from './journal-script.ts';
import { combine, sections } from './observe.ts';
import { type Script } from './script.ts';
import { type StateFolders } from './state-folders.ts';

/**
 * Reads a host's facts and its journal in one session.
 * @throws ObserveError
 */
export async function readHost(
  connection: Connection,
  { facts, folders, nonce }: { facts: Script; folders: StateFolders; nonce: string },
): Promise<{ readonly facts: string; readonly journal: Journal }> {
  const result = await connection.run(combine([facts, printJournal(folders)], nonce));
  const [told, journal] = [0, 1].map((part) => sections(result.stdout, nonce).get(part));
  if (told?.exitCode !== 0) {
    throw new ObserveError(
      `the host's facts could not be read: ${errorOf(result.stderr, nonce, 0)}`,
      {
        host: connection.host,
        step: 'facts',
        hint: 'lvslab needs a POSIX shell and coreutils on the host.',
      },
    );
  }
  if (journal?.exitCode !== 0) {
    throw new ObserveError(`the journal could not be read: ${errorOf(result.stderr, nonce, 1)}`, {
      host: connection.host,
      step: 'journal',
      hint: `Look at ${folders.lasting}/journal on the host; nothing was changed there.`,
    });
  }
  return { facts: told.output, journal: readJournal(journal.output) };
}

function errorOf(stderr: string, nonce: string, part: number): string {
  return (sections(stderr, nonce).get(part)?.output ?? stderr).trim();
}
