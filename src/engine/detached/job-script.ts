import { findJobProcess } from '../host/remote-process.ts';
import { SEARCH_PATH } from '../host/observe.ts';
import { type Identity } from '../model/engine-context.ts';
import { lines, type Script, sh } from '../model/shell/script.ts';
import { type StatePaths } from '../host/state-paths.ts';
import { printFullDisks, printImmutable } from '../host/step-failure.ts';
import { tellWhereToNote } from '../host/partial-file.ts';

/** What a job says of itself to whoever finds it without its controller. */
export interface JobDescription extends Identity {
  readonly play: string;
  /** Ids of the resources, in the order of the steps. */
  readonly steps: readonly string[];
  /** ISO 8601. */
  readonly since: string;
  /** Boot id of the host. */
  readonly boot: string;
}

/** One play's job on one host. */
export interface Job {
  readonly paths: StatePaths;
  /** Id of the invocation that has begun it, under which the lock is held. */
  readonly invocation: string;
  /** Tells the jobs of one invocation apart. */
  readonly number: number;
}

/** What a job tells while it goes on, one line each. */
export type JobLine =
  | { readonly type: 'begin'; readonly step: number }
  | {
      readonly type: 'progress';
      readonly step: number;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: 'end';
      readonly step: number;
      readonly exitCode: number;
      readonly output: string;
    }
  /** The step has made a change that stays only when it is confirmed over a new connection. */
  | {
      readonly type: 'confirm';
      readonly step: number;
      readonly change: string;
      readonly seconds: number;
    }
  /** The host has rolled the step's change back. */
  | { readonly type: 'rolled-back'; readonly step: number }
  | { readonly type: 'done' }
  /** Said by the session that follows: the job's process is gone without having come to its end. */
  | { readonly type: 'died' }
  /** Said by the session that follows: there is no such job, and the lock under which it might begin is not held. */
  | { readonly type: 'gone' };

/** The folder where a job keeps its script, events and log; on real hosts in a tmpfs, so a reboot forgets it. */
export function jobFolder(job: Job): string {
  return `${jobsFolder(job.paths)}/${nameOf(job)}`;
}

function nameOf({ invocation, number }: Job): string {
  return `${invocation}.${number}`;
}

/**
 * Starts the steps as a process of its own session on the host, unless that has happened before, and follows its events
 * until it has ended. The job does not need the connection: when that breaks, the steps go on, and the events wait on
 * the host. Nothing is started without the lock: a script that was held up on its way comes too late then.
 */
export function startAndFollow(
  job: Job,
  { about, steps }: { readonly about: JobDescription; readonly steps: readonly Script[] },
): Script {
  const { runtimeDir } = job.paths;
  return sh`
    ${prelude(job)}
    [ "$(sed -n 's/^run=//p' ${`${runtimeDir}/lock/holder`} 2>/dev/null)" = ${job.invocation} ] ||
      { echo gone; exit 0; }
    umask 077
    mkdir -p -- "$runs"
    if mkdir -- "$folder" 2>/dev/null; then
      cd -- "$folder"
      : >events
      ## One quoted word for a shell builtin: no limit of length and no here-document's end to guess.
      printf '%s' ${jobScript(job, steps).text} >script
      printf '%s\n' ${JSON.stringify(about)} >about
      setsid sh ./script </dev/null >/dev/null 2>&1 &
    fi
    ${followFrom(1)}
  `;
}

/** Follows a job that was started before, from one of its event lines on, counted from 1. */
export function follow(job: Job, from: number): Script {
  return lines(prelude(job), followFrom(from));
}

/** Asks a job to end after the step that it is in, even when it is only about to begin. */
export function askToStop(job: Job): Script {
  return sh`
    ${prelude(job)}
    umask 077
    mkdir -p -- "$runs"
    : >"$folder.stop"
  `;
}

/** Removes what the jobs of an invocation have left, or prints 'running' and stops when one of them still goes on. */
export function forgetJobs(paths: StatePaths, invocation: string): Script {
  return sh`
    ${findJobProcess}
    runs=${jobsFolder(paths)}
    for folder in "$runs"/${invocation}.*; do
      if lvslab_job_alive "$folder"; then echo running; exit 0; fi
    done
    rm -rf -- "$runs"/${invocation}.*
    rmdir -- "$runs" 2>/dev/null || :
  `;
}

/** Reads one event line; undefined for anything else, an unfinished line included. */
export function parseJobLine(line: string): JobLine | undefined {
  const [type = '', ...fields] = line.split(' ');
  if (fields.length === 0) return parseEnd(type);
  const [step, a = '', b = ''] = fields;
  const number = wholeNumber(step ?? '');
  return number === undefined ? undefined : parseStepLine(type, number, [a, b]);
}

function parseEnd(type: string): JobLine | undefined {
  return type === 'done' || type === 'died' || type === 'gone' ? { type } : undefined;
}

function parseStepLine(
  type: string,
  step: number,
  [a, b]: readonly [string, string],
): JobLine | undefined {
  const [first, second] = [wholeNumber(a), wholeNumber(b)];
  switch (type) {
    case 'begin':
      return { type, step };
    // The word on the host: a job of an earlier version, which may be adopted, says it too.
    case 'reverted':
      return { type: 'rolled-back', step };
    case 'progress':
      if (first === undefined || second === undefined) return undefined;
      return { type, step, done: first, total: second };
    case 'confirm':
      return second === undefined ? undefined : { type, step, change: a, seconds: second };
    case 'end':
      if (first === undefined) return undefined;
      return { type, step, exitCode: first, output: Buffer.from(b, 'base64').toString('utf8') };
    default:
      return undefined;
  }
}

/** A number as a shell counts; what else stands there comes from nobody who means well. */
function wholeNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** The folder that all jobs of a host lie in. */
export function jobsFolder({ runtimeDir }: StatePaths): string {
  return `${runtimeDir}/runs`;
}

function prelude(job: Job): Script {
  const jobs = jobsFolder(job.paths);
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    set -eu
    runs=${jobs} folder=${jobFolder(job)}
    ${findJobProcess}
  `;
}

/** The process says itself which it is: until it has, it is about to. */
function followFrom(from: number): Script {
  return sh`
    if [ ! -d "$folder" ]; then echo gone; exit 0; fi
    cd -- "$folder"
    tries=0
    until [ -s pid ] || [ "$tries" -ge 100 ]; do sleep 0.1; tries=$((tries + 1)); done
    if lvslab_job_alive "$folder"; then
      ${signsOfLife}
      tail -n +${from} -s 0.2 --pid="$(cat pid)" -f events </dev/null
    else
      tail -n +${from} events
    fi
    grep -qx 'done' events || printf '\ndied\n'
  `;
}

/**
 * Shell that says on standard error, every ten seconds, that the host is there: a step may have nothing to tell for long.
 * It ends with the shell that has started it, however that ends. The pause holds none of the session's streams, which
 * would keep that open when the job has ended.
 */
const signsOfLife = sh`
  (
    trap 'kill "$nap" 2>/dev/null; exit 0' TERM
    naps=0
    while kill -0 "$$" 2>/dev/null; do
      sleep 1 2>&1 3>&- &
      nap=$!
      wait "$nap"
      naps=$((naps + 1))
      [ "$((naps % 10))" != 0 ] || echo >&2
    done
  ) </dev/null >/dev/null &
  signs=$!
  trap 'kill "$signs" 2>/dev/null || :' EXIT
`;

/** The script that runs on the host: every step in a subshell under `set -eu`, none after one that failed. */
function jobScript({ paths, invocation }: Job, steps: readonly Script[]): Script {
  return sh`
    echo $$ >pid.new
    mv pid.new pid
    exec 3>>events
    ${tellWhereToNote(paths, `${jobsFolder(paths)}/${invocation}.written`)}
    lvslab_progress() { printf 'progress %s %s %s\n' "$lvslab_step" "$1" "$2" >&3; }
    lvslab_finish() { echo 'done' >&3; exit 0; }
    lvslab_begin() {
      [ ! -e "$PWD.stop" ] || lvslab_finish
      lvslab_step=$1
      printf 'begin %s\n' "$1" >&3
    }
    lvslab_end() {
      if [ "$1" = 0 ]; then printf 'end %s 0 \n' "$lvslab_step" >&3; return; fi
      {
        ${printFullDisks}
        ${printImmutable}
      } >reasons
      cat reasons >>log
      printf 'end %s %s %s\n' "$lvslab_step" "$1" "$(tail -c 4000 log | base64 | tr -d '\n')" >&3
      lvslab_finish
    }
    ${lines(...steps.map(runStep))}
    lvslab_finish
  `;
}

function runStep(step: Script, index: number): Script {
  return sh`
    lvslab_begin ${index}
    ( set -eu; umask 022; cd /
    ${step}
    ) >log 2>&1 </dev/null
    lvslab_end $?
  `;
}
