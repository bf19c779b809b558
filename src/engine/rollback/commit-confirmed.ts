import { armTimer } from './rollback-timer.ts';
import { armBootRollback } from './rollback-at-boot.ts';
import { type ChangeEnd, endChangeScript } from './end-change-script.ts';
import { END_SCRIPT, PREFIX, ROLL_BACK } from './names-on-host.ts';
import { type RollbackPlan } from '../model/rollback-plan.ts';
import { lines, type Script, sh } from '../model/shell/script.ts';
import { type StatePaths } from '../host/state-paths.ts';

/** A step of a job that may cut its host off. */
export interface CommitConfirmedStep {
  readonly rollback: RollbackPlan;
  readonly converge: Script;
  /** Which job, and which of its steps, counted from 0. */
  readonly job: string;
  readonly step: number;
  /** Where the job keeps its events. */
  readonly jobFolder: string;
  readonly paths: StatePaths;
  /** How long the host waits for a confirmation before it rolls the change back. */
  readonly windowSeconds: number;
}

/** How long the job's own script leaves the timer to roll the change back, beyond its time, in seconds. */
const GRACE = 5;
/** How long the end of a change that somebody else has begun to end may take on the slowest host, in seconds. */
const SETTLE = 120;

/**
 * Shell that makes a change which stays only when it is confirmed: the roll-back is prepared and armed first, also for a
 * reboot; then the change is made, in no more than two thirds of the time; then the host waits until a controller confirms it, or the time is over. Runs under
 * `set -eu` as a step of a job, which it tells of by `confirm STEP CHANGE SECONDS` and `reverted STEP` on descriptor 3.
 */
export function commitConfirmedStep(options: CommitConfirmedStep): Script {
  const { rollback, converge, job, step, jobFolder, paths, windowSeconds } = options;
  const { stateDir, unitDir } = paths;
  const id = `${job}-${step}`;
  const folder = `${stateDir}/${PREFIX.pending}${id}`;
  const preparing = `${stateDir}/${PREFIX.preparing}${id}`;
  const answer = `${jobFolder}/decision.${step}`;
  const endScript = `${folder}/${END_SCRIPT}`;
  const endedFolder = `${stateDir}/${PREFIX.ended}${id}`;
  const script = endChangeScript({ id, folder, endedFolder, unitDir, answer }, rollback);
  return sh`
    umask 077
    lvslab_uptime() { read -r up rest </proc/uptime; echo "\${up%%.*}"; }
    mkdir -p -- ${stateDir}
    ${refuseBesidePending(stateDir)}
    preparing=${preparing}
    trap 'rm -rf -- "$preparing"' EXIT
    mkdir -- "$preparing"
    cd "$preparing"
    printf %s ${script.text} >${END_SCRIPT}
    printf %s ${changeScript(rollback, converge).text} >change
    echo $(($(date +%s) + ${windowSeconds})) >until
    (
    ${rollback.save}
    )
    sync -- ./* .
    ${armBootRollback({ id, unitDir, endScripts: [endScript, `${endedFolder}/${END_SCRIPT}`] })}
    mv -T -- "$preparing" ${folder}
    trap - EXIT
    sync ${stateDir}
    ${awaitChangeEnd({ step, answer, folders: [folder, endedFolder] })}
    ## Whatever goes wrong from here on, the host rolls it back.
    lvslab_roll_back() { lvslab_change_stays "$(lvslab_uptime)" || :; exit 1; }
    ## Within a condition, set -e has no effect.
    set +e
    ( set -eu
    ${armTimer({ id, seconds: windowSeconds, endScript })}
    )
    status=$?
    set -e
    [ "$status" = 0 ] || lvslab_roll_back
    started=$(lvslab_uptime)
    ${tryChange(folder, Math.floor((windowSeconds * 2) / 3))}
    printf 'confirm %s %s %s\n' ${step} ${id} ${windowSeconds} >&3
    if lvslab_change_stays "$((started + ${windowSeconds + GRACE}))"; then exit 0; fi
    [ ! -e ${answer} ] || echo ${`no new connection confirmed it within ${windowSeconds} s`} >&2
    exit 1
  `;
}

/** Whether a change, as the host calls it, belongs to a job. */
export function isChangeOf(change: string, job: string): boolean {
  return change.startsWith(`${job}-`) && /^\d{1,6}$/.test(change.slice(job.length + 1));
}

/** Shell for a new connection that keeps a change; prints how it ended, 'gone' when it has ended before. */
export function confirmChange(paths: StatePaths, id: string): Script {
  const endScript = `${paths.stateDir}/${PREFIX.pending}${id}/${END_SCRIPT}`;
  return sh`if [ -e ${endScript} ]; then sh ${endScript} confirmed; else echo gone; fi`;
}

/** Reads what `confirmChange` printed. */
export function parseChangeEnd(output: string): ChangeEnd | undefined {
  const word = output.trim();
  return word === 'confirmed' || word === ROLL_BACK ? word : undefined;
}

/** Read-only shell that prints, for each pending change, in how many seconds it will be rolled back. */
export function probePendingChanges({ stateDir }: StatePaths): Script {
  return sh`
    for until in ${stateDir}/${PREFIX.pending}*/until; do
      [ -e "$until" ] || continue
      if end=$(cat -- "$until" 2>/dev/null); then echo "$((end - $(date +%s)))"; fi
    done
  `;
}

/**
 * Shell that removes what is left of changes that were never begun, or have ended, where the host lost its power or the
 * job was killed at that very moment. Only under the lock.
 */
export function clearStaleChanges({ stateDir }: StatePaths): Script {
  const ended = sh`${stateDir}/${PREFIX.ended}`;
  return sh`
    for left in ${stateDir}/${PREFIX.preparing}*; do
      if [ -e "$left" ]; then mv -T -- "$left" ${ended}"\${left##*/${PREFIX.preparing}}"; fi
    done
    for left in ${ended}*; do
      [ -e "$left" ] || continue
      ## Where even this script is not whole, nothing else was made yet.
      sh "$left"/${END_SCRIPT} confirmed >/dev/null 2>&1 || :
      rm -rf -- "$left"
    done
  `;
}

/** Never touches another invocation's pending change. */
function refuseBesidePending(stateDir: string): Script {
  return sh`
    for other in ${stateDir}/${PREFIX.pending}*; do
      [ ! -e "$other" ] || { echo 'another change of the network is pending here' >&2; exit 1; }
    done
  `;
}

/**
 * A shell function that waits until the change has ended, and succeeds when it stays. From `$1` on, in seconds since the
 * host's boot, it rolls the change back itself. A timer or a controller may end it at that very moment: then the folder has
 * its other name, or none, before the answer is there, and nothing but the answer says how it ended.
 */
function awaitChangeEnd({
  step,
  answer,
  folders,
}: {
  readonly step: number;
  readonly answer: string;
  /** Where the end script may be. */
  readonly folders: readonly string[];
}): Script {
  return sh`
    lvslab_change_stays() {
      said=''
      until [ -e ${answer} ]; do
        now=$(lvslab_uptime)
        if [ "$now" -ge "$1" ]; then
          for at in ${folders}; do
            [ ! -e "$at"/${END_SCRIPT} ] || ! said=$(sh "$at"/${END_SCRIPT} ${ROLL_BACK} 2>&1) || break
          done
          [ "$now" -lt "$(($1 + ${SETTLE}))" ] || break
        fi
        sleep 0.2
      done
      case $(cat ${answer} 2>/dev/null) in
        confirmed) return 0 ;;
        ${ROLL_BACK}) printf '%s %s\n' ${ROLL_BACK} ${step} >&3 ;;
        *) printf '%s\n' "$said" 'it could not be seen how the change ended' >&2 ;;
      esac
      return 1
    }
  `;
}

/** In a process group of its own, so that nothing of it goes on when the time is over. */
function tryChange(folder: string, limitSeconds: number): Script {
  return sh`
    status=0
    timeout -k 2 ${limitSeconds} sh ${`${folder}/change`} || status=$?
    if [ "$status" != 0 ]; then
      [ "$status" != 124 ] || echo ${`the change took longer than ${limitSeconds} s`} >&2
      lvslab_roll_back
    fi
  `;
}

function changeScript({ before, after }: RollbackPlan, converge: Script): Script {
  return lines(sh`set -eu; umask 022; cd /`, before, converge, after);
}
