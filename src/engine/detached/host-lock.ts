import { type Identity } from '../model/engine-context.ts';
import { ObserveError } from '../model/failures/errors.ts';
import { SEARCH_PATH } from '../host/observe.ts';
import { findKeeper, findProcess, findJobProcess } from '../host/remote-process.ts';
import { forgetJobs, jobsFolder } from './job-script.ts';
import { lines, type Script, sh } from '../model/shell/script.ts';
import { type StatePaths } from '../host/state-paths.ts';

/** Who holds the lock of a host, as the one who took it says. */
export interface LockHolder extends Identity {
  /** Id of the invocation of lvslab: of a plan that is carried out. */
  readonly invocation: string;
  /** ISO 8601. */
  readonly since: string;
}

/** What the file on the host calls the invocation: other versions of lvslab read it, too. */
const INVOCATION_FIELD = 'run';

/** How an attempt to take the lock of a host ended. */
export type LockAnswer =
  | { readonly type: 'taken'; readonly tookOver?: LockHolder }
  | { readonly type: 'held'; readonly by: LockHolder }
  /** The journal is not the one that was read, so neither is the host's state. */
  | { readonly type: 'stale' };

/**
 * Takes the lock of a host and does `then` under it; when that fails, or `check` prints anything but `expected`, the
 * lock is given back. A lock whose connection is gone and whose jobs have ended, or of another boot, is taken over.
 */
export function takeLock({
  paths,
  holder,
  check,
  expected,
  then,
}: {
  readonly paths: StatePaths;
  readonly holder: LockHolder;
  readonly check: Script;
  readonly expected: string;
  readonly then: Script;
}): Script {
  return sh`
    ${lockPrelude(paths)}
    umask 077
    mkdir -p -- ${paths.runtimeDir}
    mine=${`${paths.runtimeDir}/lock.${holder.invocation}`}
    trap 'rm -rf -- "$mine"' EXIT
    mkdir -- "$mine"
    ${findKeeper}
    printf '%s\n' ${holderLines(holder)} "boot=$boot" "keeper=$keeper" \
      "started=$(lvslab_started "$keeper")" >"$mine/holder"
    ${claim}
    trap 'rm -rf -- "$lock" "$mine"' EXIT
    current=$(
    ${check}
    )
    if [ "$current" != ${expected} ]; then echo stale; exit 0; fi
    ${then}
    trap - EXIT
    echo taken
  `;
}

/**
 * Forgets the jobs under this lock, does `first` and gives the lock back; prints 'released'. Prints 'running' and does
 * nothing while one of the jobs goes on. Where this invocation doesn't hold the lock any more, it does nothing and prints 'lost',
 * or 'released' where `isWritten` shows that all of it was done before.
 */
export function releaseLock({
  paths,
  invocation,
  first,
  isWritten,
}: {
  readonly paths: StatePaths;
  readonly invocation: string;
  readonly first: Script;
  readonly isWritten: Script;
}): Script {
  return sh`
    ${lockPrelude(paths)}
    if ! lvslab_is_ours ${invocation} "$lock"; then
      for left in "$lock" "$runs"/${invocation}.*; do [ ! -e "$left" ] || { echo lost; exit 0; }; done
      if ${isWritten}; then echo released; else echo lost; fi
      exit 0
    fi
    ${forgetJobs(paths, invocation)}
    trap 'rm -rf -- "$lock"' EXIT
    ${first}
    rm -rf -- "$lock"
    rmdir -- ${paths.runtimeDir} 2>/dev/null || :
    trap - EXIT
    echo released
  `;
}

/** Reads what `releaseLock` printed; undefined for anything else. */
export function parseRelease(output: string): 'released' | 'lost' | 'running' | undefined {
  const answer = output.trim().split('\n').at(-1);
  return answer === 'released' || answer === 'lost' || answer === 'running' ? answer : undefined;
}

/** Takes the lock, notes something down, forgets jobs that have ended, and gives the lock back; prints what `takeLock` prints. */
export function clearJobs({
  paths,
  holder,
  noted,
  invocations,
}: {
  readonly paths: StatePaths;
  readonly holder: LockHolder;
  /** Runs under the lock. */
  readonly noted: Script;
  /** Ids of the invocations that have begun them. */
  readonly invocations: readonly string[];
}): Script {
  return lines(
    takeLock({
      paths,
      holder,
      check: sh`:`,
      expected: '',
      then: lines(noted, ...invocations.map((invocation) => forgetJobs(paths, invocation))),
    }),
    sh`rm -rf -- "$lock"; rmdir -- ${paths.runtimeDir} 2>/dev/null || :`,
  );
}

/**
 * Makes the connection that this script comes over the one that the lock lives by. Prints 'kept'; 'rebooted' when the
 * host was booted since the lock was taken; 'lost' when it is somebody else's now.
 */
export function keepLock({
  paths,
  invocation,
  boot,
}: {
  readonly paths: StatePaths;
  readonly invocation: string;
  readonly boot: string;
}): Script {
  return sh`
    ${lockPrelude(paths)}
    if [ "$boot" != ${boot} ]; then echo rebooted; exit 0; fi
    ${findKeeper}
    lvslab_hand_over() {
      seen=$(cat holder) || return 1
      started=$(lvslab_started "$keeper")
      printf '%s\n' "$seen" |
        sed -e "s/^keeper=.*/keeper=$keeper/" -e "s/^started=.*/started=$started/" >holder.new &&
        mv holder.new holder
    }
    ## Standing in the folder, nothing of somebody else's is touched if they take the lock away at this moment.
    if cd -- "$lock" 2>/dev/null && lvslab_is_ours ${invocation} . &&
      (umask 077; lvslab_hand_over) 2>/dev/null; then
      ## Whoever had just taken it for dead has seen the change, and gives it back.
      for _ in 1 2 3 4 5; do
        if lvslab_is_ours ${invocation} "$lock"; then echo kept; exit 0; fi
        sleep 0.2
      done
    fi
    echo lost
  `;
}

/** Read-only shell that prints who holds the lock, and whether that is alive. */
export function probeLock(paths: StatePaths): Script {
  return sh`
    ${lockPrelude(paths)}
    if seen=$(cat -- "$lock/holder" 2>/dev/null); then
      lvslab_tell
      if lvslab_holder_alive; then echo alive; else echo dead; fi
    else
      echo free
    fi
  `;
}

/** Removes the lock that this invocation holds, alive or not; another one that came since stays, and so does a job. */
export function breakLock(paths: StatePaths, invocation: string): Script {
  return sh`
    ${lockPrelude(paths)}
    if ! lvslab_is_ours ${invocation} "$lock"; then echo lost; exit 0; fi
    rm -rf -- "$lock"
    rmdir -- ${paths.runtimeDir} 2>/dev/null || :
  `;
}

/** Reads what `takeLock` printed. */
export function parseLockAnswer(output: string): LockAnswer | undefined {
  const holder = parseHolder(output);
  const [state] = output.trim().split('\n').slice(-1);
  if (state === 'taken') {
    return holder.invocation === '' ? { type: 'taken' } : { type: 'taken', tookOver: holder };
  }
  if (state === 'held') return { type: 'held', by: holder };
  return state === 'stale' ? { type: 'stale' } : undefined;
}

/**
 * Reads what `probeLock` printed; undefined where nobody holds the lock.
 * @throws ObserveError when it is something else.
 */
export function parseLockProbe(
  output: string,
): { readonly holder: LockHolder; readonly alive: boolean } | undefined {
  const state = output.trim().split('\n').at(-1);
  if (state === 'free') return undefined;
  const holder = parseHolder(output);
  if ((state === 'alive' || state === 'dead') && holder.invocation !== '') {
    return { holder, alive: state === 'alive' };
  }
  throw new ObserveError('what the host says of its lock is no answer', {
    step: 'lock',
    hint: 'Look at /run/lvslab/lock on the host; nothing was changed there.',
  });
}

/** Who holds a lock, as scripts here print it; `invocation` is '' where there is no valid one. */
export function parseHolder(output: string): LockHolder {
  const field = (name: string): string =>
    new RegExp(`^by ${name}=(.*)$`, 'm').exec(output)?.[1] ?? '';
  const invocation = field(INVOCATION_FIELD);
  return {
    owner: field('owner'),
    controller: field('controller'),
    invocation: /^[\w-]{1,100}$/.test(invocation) ? invocation : '',
    since: field('since'),
  };
}

function holderLines({ owner, controller, invocation, since }: LockHolder): readonly string[] {
  const fields = { owner, controller, [INVOCATION_FIELD]: invocation, since };
  return Object.entries(fields).map(([name, text]) => `${name}=${text.replaceAll(/\s+/g, ' ')}`);
}

/** 'alice on laptop, since 2024-05-01T10:00:00.000Z (invocation 1f…)': who holds a lock, for people. */
export function describeHolder({ owner, controller, since, invocation }: LockHolder): string {
  return `${owner} on ${controller}, since ${since} (invocation ${invocation})`;
}

/** What the person is told when a dead lock was taken over. */
export function describeTakeover(holder: LockHolder): string {
  return `took over the lock of an invocation that is gone: ${describeHolder(holder)}`;
}

/** What every script about the lock begins with: where it is, and functions that tell whether its holder lives. */
export function lockPrelude(paths: StatePaths): Script {
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    set -eu
    lock=${`${paths.runtimeDir}/lock`} runs=${jobsFolder(paths)}
    read -r boot </proc/sys/kernel/random/boot_id
    ${findProcess}
    ${findJobProcess}
    ${functions}
  `;
}

/** Whether the holder in `$seen` is alive: by its connection, or by a job of its own. */
const functions = sh`
  lvslab_seen() { printf '%s\n' "$seen" | sed -n "s/^$1=//p"; }
  lvslab_tell() { printf '%s\n' "$seen" | sed 's/^/by /'; }
  lvslab_keeper_alive() {
    [ "$(lvslab_seen boot)" = "$boot" ] || return 1
    [ "$(lvslab_started "$(lvslab_seen keeper)")" = "$(lvslab_seen started)" ]
  }
  lvslab_holder_alive() {
    [ "$(lvslab_seen boot)" = "$boot" ] || return 1
    ! lvslab_keeper_alive || return 0
    for folder in "$runs"/*; do
      ! lvslab_job_alive "$folder" || return 0
    done
    return 1
  }
  lvslab_is_ours() { [ "$(sed -n 's/^run=//p' "$2/holder" 2>/dev/null)" = "$1" ]; }
`;

/** Renaming a folder onto one that isn't empty fails, so exactly one attempt succeeds, and with all of its content. */
const claim = sh`
  attempts=0
  until mv -T -- "$mine" "$lock" 2>/dev/null; do
    attempts=$((attempts + 1))
    [ "$attempts" -le 5 ] || { echo 'the lock can not be made' >&2; exit 1; }
    seen=$(cat -- "$lock/holder" 2>/dev/null) || continue
    if lvslab_holder_alive; then lvslab_tell; echo held; exit 0; fi
    mv -T -- "$lock" "$mine.dead" 2>/dev/null || continue
    if [ "$(cat -- "$mine.dead/holder")" = "$seen" ]; then
      lvslab_tell
      rm -rf -- "$mine.dead"
    else
      ## Somebody else had taken it over meanwhile, and gets it back.
      mv -T -- "$mine.dead" "$lock"
    fi
  done
`;
