import { type Connection } from './connection.ts';
import { ObserveError } from './errors.ts';
import { type Journal } from './journal.ts';
import { printJournal, readJournal } from './journal-script.ts';
import { type HostRuns, inspectRuns, parseRuns } from './left-runs.ts';
import { combine, sections } from './observe.ts';
import { type Script } from './script.ts';
import { type StateFolders } from './state-folders.ts';

/** What is known of a host before its resources are looked at. */
export interface HostReading {
  readonly facts: string;
  readonly journal: Journal;
  readonly runs: HostRuns;
}

/**
 * Reads a host's facts, its journal, and what runs there, in one session.
 * @throws ObserveError
 */
export async function readHost(
  connection: Connection,
  { facts, folders, nonce }: { facts: Script; folders: StateFolders; nonce: string },
): Promise<HostReading> {
  const result = await connection.run(
    combine([facts, printJournal(folders), inspectRuns(folders)], nonce),
  );
  const [told, journal, runs] = [0, 1, 2].map((part) => sections(result.stdout, nonce).get(part));
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
  if (runs?.exitCode !== 0) {
    throw new ObserveError(
      `what runs on the host could not be read: ${errorOf(result.stderr, nonce, 2)}`,
      {
        host: connection.host,
        step: 'runs',
        hint: `Look at ${folders.passing} on the host; nothing was changed there.`,
      },
    );
  }
  return {
    facts: told.output,
    journal: readJournal(journal.output),
    runs: parseRuns(runs.output),
  };
}

function errorOf(stderr: string, nonce: string, part: number): string {
  return (sections(stderr, nonce).get(part)?.output ?? stderr).trim();
}
