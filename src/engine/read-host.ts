import { type Connection } from './connection.ts';
import { LockedError, ObserveError } from './errors.ts';
import { inspectUndecided } from './guarded-step.ts';
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

/** Beyond the time that a host takes to take a change back, in seconds. */
const SETTLE_SECONDS = 15;

/**
 * Reads a host's facts, its journal, and what runs there, in one session.
 * @throws ObserveError; LockedError while a change that nobody follows is undecided there.
 */
export async function readHost(
  connection: Connection,
  { facts, folders, nonce }: { facts: Script; folders: StateFolders; nonce: string },
): Promise<HostReading> {
  const result = await connection.run(
    combine([facts, printJournal(folders), inspectRuns(folders), inspectUndecided(folders)], nonce),
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
  const found = parseRuns(runs.output);
  if (!found.runs.some(({ isUnderWay }) => isUnderWay)) {
    refuseUndecided(sections(result.stdout, nonce).get(3)?.output ?? '', connection.host, folders);
  }
  return { facts: told.output, journal: readJournal(journal.output), runs: found };
}

/** What is seen while a change is being tried may be gone a moment later: no plan can stand on it. */
function refuseUndecided(output: string, host: string, { lasting }: StateFolders): void {
  const left = output.split('\n').filter((line) => line !== '');
  if (left.length === 0) return;
  const seconds = Math.max(...left.map(Number)) + SETTLE_SECONDS;
  const byHand = `sh ${lasting}/undecided.*/decide reverted, on the host`;
  throw new LockedError(
    'a change of the network is being tried there, and the run that tried it is gone',
    {
      host,
      step: 'lock',
      hint:
        seconds > 0
          ? `The host takes it back by itself: run the command again in ${seconds} s. At once: ${byHand}.`
          : `The host should have taken it back by itself: run ${byHand}, and then the command again.`,
    },
  );
}

function errorOf(stderr: string, nonce: string, part: number): string {
  return (sections(stderr, nonce).get(part)?.output ?? stderr).trim();
}
