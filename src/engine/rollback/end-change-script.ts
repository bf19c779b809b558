import { END_SCRIPT, ROLL_BACK } from './names-on-host.ts';
import { disarmTimer } from './rollback-timer.ts';
import { forgetBootRollbacks, disarmBootRollback } from './rollback-at-boot.ts';
import { type RollbackPlan } from '../model/rollback-plan.ts';
import { SEARCH_PATH } from '../host/observe.ts';
import { type Script, sh } from '../model/shell/script.ts';

/** How a change ended: it stays, or the host has rolled it back. */
export type ChangeEnd = 'confirmed' | typeof ROLL_BACK;

/** Where a change that is tried keeps what belongs to it. */
export interface PendingChange {
  /** The change, in letters, digits and dashes. */
  readonly id: string;
  /** Its folder on the host, for as long as it is pending. */
  readonly folder: string;
  /** What the folder is called while it is being removed. */
  readonly endedFolder: string;
  /** The folder that systemd reads units from at boot. */
  readonly unitDir: string;
  /** Where its end is written for the job that waits for it, if the job's folder is still there. */
  readonly answer: string;
}

/** How often the roll-back is tried, with a pause of so many seconds. */
const ATTEMPTS = 5;
const PAUSE = 2;

/**
 * The script that ends a change: `decide confirmed`, `decide reverted`, or `decide reverted boot` before there is a
 * network. Whoever makes the link `decision` first wins; all others wait until that is done. Prints how the
 * change ended, or 'gone' when it has ended before. Nothing is left of the change when it ends with status 0.
 * Once its folder has the other name, the change is in nobody's way. The boot roll-back goes after that: wherever this is
 * cut off, the next boot does the rest.
 */
export function endChangeScript(places: PendingChange, rollback: RollbackPlan): Script {
  const { folder, endedFolder, answer, id, unitDir } = places;
  return sh`
    ## Read to its end before it runs: it removes itself.
    {
      export LC_ALL=C PATH=${SEARCH_PATH}
      umask 077
      cd ${folder} 2>/dev/null || cd ${endedFolder} 2>/dev/null || { echo gone; exit 0; }
      ln -sT -- "$1" decision 2>/dev/null || :
      decision=$(readlink decision) || { echo gone; exit 0; }
      ## A process that dies gives the lock back, and the next one does all of it again.
      exec 9<.
      flock 9
      [ -L decision ] || { echo "$decision"; exit 0; }
      sync .
      attempts=0
      while [ "$decision" = ${ROLL_BACK} ] && [ -e ${folder} ]; do
        ## Not as a condition: within one, set -e has no effect.
        ( set -eu
        ${rollback.restorePersistent}
        )
        status=$?
        if [ "$status" = 0 ] && [ "\${2-}" != boot ]; then
          ( set -eu
          ${rollback.restoreRunning}
          )
          status=$?
        fi
        [ "$status" != 0 ] || break
        attempts=$((attempts + 1))
        [ "$attempts" -lt ${ATTEMPTS} ] || exit 1
        sleep ${PAUSE}
      done
      ${disarmTimer({ id, endScript: `${folder}/${END_SCRIPT}` })}
      if [ -e ${folder} ]; then
        mv -T -- ${folder} ${endedFolder} || exit 1
        sync ${folderOf(folder)}
      fi
      ${disarmBootRollback({ id, unitDir })}
      rm -rf -- ${endedFolder}
      if [ -d ${folderOf(answer)} ]; then
        echo "$decision" >${`${answer}.new`} && mv -f -- ${`${answer}.new`} ${answer}
      fi
      ${forgetBootRollbacks(sh`[ "\${2-}" = boot ]`)}
      echo "$decision"
      exit 0
    }
  `;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
