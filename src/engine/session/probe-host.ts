import { type Connection } from '../model/connection.ts';
import { LockedError, ObserveError } from '../model/failures/errors.ts';
import { END_SCRIPT, PREFIX, ROLL_BACK } from '../rollback/names-on-host.ts';
import { probePendingChanges } from '../rollback/commit-confirmed.ts';
import { type Journal } from '../journal/journal.ts';
import { printJournal, readJournal } from '../journal/journal-script.ts';
import { type HostJobs, probeJobs, parseJobs } from '../detached/orphaned-jobs.ts';
import {
  type ReadAhead,
  readAhead,
  type ReadingContext,
  type ReadingPart,
  readParts,
} from '../host/observe.ts';
import { type Script, sh } from '../model/shell/script.ts';
import { type StatePaths } from '../host/state-paths.ts';

/** What is known of a host before its resources are observed. */
export interface HostProbe {
  readonly facts: string;
  readonly journal: Journal;
  readonly jobs: HostJobs;
  /** What else was asked, and was read to its end. */
  readonly ahead: ReadAhead;
}

/** What is read in one session. */
const PARTS = ['facts', 'journal', 'jobs', 'pending changes'] as const;

/** Beyond the time that a host takes to roll a change back, in seconds. */
const SETTLE_SECONDS = 15;

/**
 * Reads a host's facts, its journal, and what runs there, in one session, and in the same what else is likely to be asked.
 * @throws ObserveError, TimeoutError, CancelledError; LockedError while a change that nobody follows is pending there.
 */
export async function probeHost(
  connection: Connection,
  {
    facts,
    paths,
    ahead = [],
  }: {
    readonly facts: Script;
    readonly paths: StatePaths;
    readonly ahead?: readonly ReadingPart[];
  },
  context: ReadingContext,
): Promise<HostProbe> {
  const scripts = {
    facts,
    journal: printJournal(paths),
    jobs: probeJobs(paths),
    'pending changes': probePendingChanges(paths),
  };
  const parts: readonly ReadingPart[] = [
    ...PARTS.map((id) => ({ id, script: scripts[id] })),
    ...ahead,
  ];
  const readings = ahead.length === 0 ? 1 : 2;
  const read = await readParts(connection, parts, { ...context, readings });
  const { result, outputs, errors } = read;
  const part = (step: (typeof PARTS)[number]): string => {
    const index = PARTS.indexOf(step);
    const section = outputs.get(index);
    if (section?.exitCode === 0) return section.output;
    throw unreadable(step, {
      host: connection.host,
      paths,
      why: (errors.get(index)?.output ?? result.stderr).trim(),
    });
  };
  const told = part('facts');
  const journal = readJournal(part('journal'));
  if (journal === undefined) {
    const why = 'what was printed is none';
    throw unreadable('journal', { host: connection.host, paths, why });
  }
  const jobs = parseJobs(part('jobs'));
  if (!jobs.jobs.some(({ isRunning }) => isRunning)) {
    refusePending(
      outputs.get(PARTS.indexOf('pending changes'))?.output ?? '',
      connection.host,
      paths,
    );
  }
  return { facts: told, journal, jobs, ahead: readAhead(parts, read, PARTS.length) };
}

function unreadable(
  step: (typeof PARTS)[number],
  {
    host,
    paths: { stateDir, runtimeDir },
    why,
  }: { readonly host: string; readonly paths: StatePaths; readonly why: string },
): ObserveError {
  const look = (script: Script): string =>
    `Look on the host at what \`${script.text}\` says; nothing was changed there.`;
  const hints = {
    facts: 'lvslab needs a POSIX shell and coreutils on the host.',
    journal: look(sh`cat ${stateDir}/journal`),
    jobs: look(sh`ls -l ${runtimeDir}`),
    'pending changes': look(sh`ls -l ${stateDir}`),
  };
  const words = {
    facts: "the host's facts",
    journal: 'the journal',
    jobs: 'what runs on the host',
    'pending changes': 'pending changes of the network',
  };
  return new ObserveError(`${words[step]} could not be read: ${why}`, {
    host,
    step,
    hint: hints[step],
  });
}

/** What is seen while a change is pending may be gone a moment later: no plan can stand on it. */
function refusePending(output: string, host: string, { stateDir }: StatePaths): void {
  const left = output
    .split('\n')
    .flatMap((line) => (/^-?\d{1,9}$/.test(line) ? [Number(line)] : []));
  if (left.length === 0) return;
  const seconds = left.reduce((most, one) => Math.max(most, one)) + SETTLE_SECONDS;
  const byHand = `\`sh ${stateDir}/${PREFIX.pending}*/${END_SCRIPT} ${ROLL_BACK}\`.`;
  throw new LockedError(
    'a change of the network is pending there, and the job that made it is gone',
    {
      host,
      step: 'lock',
      hint:
        seconds > 0
          ? `The host rolls it back by itself: run the command again in ${seconds} s. At once, on the host: ${byHand}`
          : `The host should have rolled it back by itself. Do so on the host, and then run the command again: ${byHand}`,
    },
  );
}
