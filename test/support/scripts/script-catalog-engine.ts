import { combine } from '../../../src/engine/host/observe.ts';
import {
  confirmChange,
  commitConfirmedStep,
  probePendingChanges,
  clearStaleChanges,
} from '../../../src/engine/rollback/commit-confirmed.ts';
import {
  breakLock,
  clearJobs,
  probeLock,
  keepLock,
  releaseLock,
  takeLock,
} from '../../../src/engine/detached/host-lock.ts';
import { probeJobs } from '../../../src/engine/detached/orphaned-jobs.ts';
import { askToStop, follow, startAndFollow } from '../../../src/engine/detached/job-script.ts';
import {
  appendToJournal,
  isInJournal,
  isWithoutJournal,
  journalVersion,
  printJournal,
  removeJournal,
  rewriteJournal,
} from '../../../src/engine/journal/journal-script.ts';
import { type RollbackPlan } from '../../../src/engine/model/rollback-plan.ts';
import { lines, type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { removeUnfinished } from '../../../src/engine/host/partial-file.ts';
import { statePaths as paths } from '../../../src/engine/host/state-paths.ts';
import { factsScript } from '../../../src/platforms/facts/facts-script.ts';
import { type ScriptCollector } from './script-collector.ts';

const oneJob = { paths, invocation: 'a1b2', number: 1 };
const about = {
  play: 'real servers',
  steps: ['sysctl net.ipv4.ip_forward'],
  owner: "o'neill",
  controller: 'laptop',
  since: '2024-05-01T10:00:00.000Z',
  boot: 'b00t',
};
export const holder = {
  owner: "o'neill",
  controller: 'laptop',
  invocation: 'a1b2',
  since: about.since,
};

/** The lock, the journal, jobs and pending changes. */
export function engineScripts(collector: ScriptCollector): void {
  const add = (name: string, script: () => Script): void => {
    collector.within(name, () => {
      collector.add(name, script());
    });
  };
  const printed = ['1 2 {"type":"run"}', '3 4 {"type":"first"}'];
  add('take the lock', () =>
    takeLock({
      paths,
      holder,
      check: journalVersion(paths),
      expected: '12 34',
      then: lines(
        removeUnfinished(paths),
        clearStaleChanges(paths),
        appendToJournal(paths, printed),
        rewriteJournal(paths, printed),
      ),
    }),
  );
  for (const isWritten of [isWithoutJournal(paths), isInJournal(paths, '1 2 {}')]) {
    add('release the lock', () =>
      releaseLock({ paths, invocation: 'a1b2', first: removeJournal(paths), isWritten }),
    );
  }
  add('keep the lock', () => keepLock({ paths, invocation: 'a1b2', boot: 'b00t' }));
  add('inspect the lock', () => probeLock(paths));
  add('break the lock', () => breakLock(paths, 'a1b2'));
  add('clear jobs', () =>
    clearJobs({ paths, holder, noted: sh`:`, invocations: ['a1b2', 'c3d4'] }),
  );
  add('inspect jobs', () => probeJobs(paths));
  add('journal', () => printJournal(paths));
  add('start a job', () => job([sh`uname -r`, sh`lvslab_progress 1 2`]));
  add('follow a job', () => follow(oneJob, 7));
  add('stop a job', () => askToStop(oneJob));
  add('confirm a change', () => confirmChange(paths, 'a1b2-0'));
  add('pending changes', () => probePendingChanges(paths));
  add('facts', () => factsScript);
  add('observe', () => combine([sh`uname -r`, sh`exit 3`], 'n0nce'));
}

/** A job of these steps, as a play starts it; the collector finds the script that then runs by itself inside of it. */
export function job(steps: readonly Script[]): Script {
  return startAndFollow(oneJob, { about, steps });
}

/** A step that stays only when it is confirmed. */
export function commitConfirmed(rollback: RollbackPlan, converge: Script): Script {
  const jobFolder = '/run/lvslab/runs/a1b2.1';
  const where = { job: 'a1b2.1', step: 0, jobFolder, paths, windowSeconds: 60 };
  return commitConfirmedStep({ ...where, rollback, converge });
}
