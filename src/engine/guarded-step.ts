import { armTimer } from './arm-revert.ts';
import { setBootGuard } from './boot-guard.ts';
import { type Decision, decideScript } from './decide-script.ts';
import { type Guard } from './guard.ts';
import { lines, type Script, sh, trusted } from './script.ts';
import { type StateFolders } from './state-folders.ts';

/** A step of a run that may cut its host off. */
export interface GuardedStep {
  readonly guard: Guard;
  readonly converge: Script;
  /** Which run, and which of its steps, counted from 0. */
  readonly run: string;
  readonly step: number;
  /** Where the run keeps its events. */
  readonly runFolder: string;
  readonly folders: StateFolders;
  /** How long the host waits for a confirmation before it takes the change back. */
  readonly windowSeconds: number;
}

/** How long the run's own script waits beyond that, for the timer to take the change back, in seconds. */
const GRACE = 5;

/** Names of the folders of changes that are being prepared, undecided, and decided. */
const PREFIX = { draft: 'preparing.', undecided: 'undecided.', decided: 'decided.' } as const;

/**
 * Shell that tries a change: the way back is saved and armed first, also for a reboot; then the change is made, in no
 * more than two thirds of the time; then the host waits until a controller confirms it, or the time is over. Runs under
 * `set -eu` as a step of a run, which it tells of by `confirm STEP CHANGE SECONDS` and `reverted STEP` on descriptor 3.
 */
export function guardedStep(options: GuardedStep): Script {
  const { guard, converge, run, step, runFolder, folders, windowSeconds } = options;
  const { lasting, units } = folders;
  const id = `${run}-${step}`;
  const folder = `${lasting}/${PREFIX.undecided}${id}`;
  const draft = `${lasting}/${PREFIX.draft}${id}`;
  const answer = `${runFolder}/decision.${step}`;
  const decide = `${folder}/decide`;
  const decidedFolder = `${lasting}/${PREFIX.decided}${id}`;
  const script = decideScript({ id, folder, decidedFolder, units, answer }, guard);
  return lines(
    trusted('umask 077'),
    trusted(`lvslab_uptime() { read -r up rest </proc/uptime; echo "\${up%%.*}"; }`),
    sh`mkdir -p -- ${lasting}`,
    refuseBeside(lasting),
    sh`trap 'rm -rf -- "$draft"' EXIT; draft=${draft}; mkdir -- "$draft"; cd "$draft"`,
    sh`printf %s ${script.text} >decide`,
    sh`printf %s ${changeScript(guard, converge).text} >change`,
    sh`echo $(($(date +%s) + ${windowSeconds})) >until`,
    sh`(\n${guard.save}\n)`,
    trusted('sync -- * .'),
    setBootGuard({ id, units, decide: [decide, `${decidedFolder}/decide`] }),
    sh`mv -T -- "$draft" ${folder}; trap - EXIT; sync ${lasting}`,
    // Whatever goes wrong from here on, the host takes it back.
    trusted('lvslab_take_back() {'),
    sh`  if sh ${decide} reverted >/dev/null; then printf 'reverted %s\n' ${step} >&3; fi`,
    trusted('  exit 1'),
    trusted('}'),
    // Within a condition, `set -e` has no effect.
    sh`set +e; ( set -eu\n${armTimer({ id, seconds: windowSeconds, decide })}\n); status=$?; set -e`,
    trusted('[ "$status" = 0 ] || lvslab_take_back'),
    sh`started=$(lvslab_uptime)`,
    ...tryChange(folder, Math.floor((windowSeconds * 2) / 3)),
    sh`printf 'confirm %s %s %s\n' ${step} ${id} ${windowSeconds} >&3`,
    sh`until [ -e ${answer} ]; do`,
    sh`  [ "$(($(lvslab_uptime) - started))" -lt ${windowSeconds + GRACE} ] || { sh ${decide} reverted >/dev/null; break; }`,
    trusted('  sleep 0.2'),
    trusted('done'),
    sh`case $(cat ${answer}) in`,
    trusted('  confirmed) exit 0 ;;'),
    sh`  reverted) printf 'reverted %s\n' ${step} >&3 ;;`,
    trusted('esac'),
    sh`echo ${`no new connection confirmed it within ${windowSeconds} s`} >&2; exit 1`,
  );
}

/** Shell for a new connection that keeps a change; prints the decision, 'gone' when there is none to be made. */
export function confirmChange(folders: StateFolders, id: string): Script {
  const decide = `${folders.lasting}/${PREFIX.undecided}${id}/decide`;
  return sh`if [ -e ${decide} ]; then sh ${decide} confirmed; else echo gone; fi`;
}

/** Reads what `confirmChange` printed. */
export function parseDecision(output: string): Decision | undefined {
  const word = output.trim();
  return word === 'confirmed' || word === 'reverted' ? word : undefined;
}

/** Read-only shell that prints, for each change that is being tried, in how many seconds it will be taken back. */
export function inspectUndecided({ lasting }: StateFolders): Script {
  return sh`for until in ${lasting}/${trusted(PREFIX.undecided)}*/until; do if end=$(cat -- "$until" 2>/dev/null); then echo "$((end - $(date +%s)))"; fi; done`;
}

/**
 * Shell that removes what is left of changes that were never begun, or decided, where the host lost its power or the run
 * was killed at that very moment. Only under the lock.
 */
export function removeLeftTrials({ lasting }: StateFolders): Script {
  const decided = sh`${lasting}/${trusted(PREFIX.decided)}`;
  return lines(
    sh`for left in ${lasting}/${trusted(PREFIX.draft)}*; do`,
    sh`  if [ -e "$left" ]; then mv -T -- "$left" ${decided}"\${left##*/${trusted(PREFIX.draft)}}"; fi`,
    trusted('done'),
    sh`for left in ${decided}*; do`,
    // Where even this script is not whole, nothing else was made yet.
    trusted(
      '  if [ -e "$left" ]; then sh "$left/decide" confirmed >/dev/null 2>&1 || :; rm -rf -- "$left"; fi',
    ),
    trusted('done'),
  );
}

/** An undecided change is nobody's to end. */
function refuseBeside(lasting: string): Script {
  return lines(
    sh`for other in ${lasting}/${trusted(PREFIX.undecided)}*; do`,
    trusted(
      `  [ ! -e "$other" ] || { echo 'another change of the network is being tried here' >&2; exit 1; }`,
    ),
    trusted('done'),
  );
}

/** In a process group of its own, so that nothing of it goes on when the time is over. */
function tryChange(folder: string, limitSeconds: number): readonly Script[] {
  return [
    sh`status=0; timeout -k 2 ${limitSeconds} sh ${`${folder}/change`} || status=$?`,
    trusted('if [ "$status" != 0 ]; then'),
    sh`  [ "$status" != 124 ] || echo ${`the change took longer than ${limitSeconds} s`} >&2`,
    trusted('  lvslab_take_back'),
    trusted('fi'),
  ];
}

function changeScript({ before, after }: Guard, converge: Script): Script {
  return lines(trusted('set -eu; umask 022; cd /'), before, converge, after);
}
