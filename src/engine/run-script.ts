import { SEARCH_PATH } from './observe.ts';
import { lines, quote, type Script, sh, trusted } from './script.ts';

/** Where runs keep their script, events and logs; a tmpfs, so a reboot forgets them. */
const RUNS = '/run/lvslab/runs';

/** What a run tells while it goes on, one line each. */
export type RunLine =
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
  | { readonly type: 'done' };

/**
 * Starts the steps as a process of its own session on the host, and follows its events until it has ended. The run
 * does not need the connection: when that breaks, the steps go on, and the events wait on the host.
 */
export function startAndFollow(run: string, steps: readonly Script[]): Script {
  const folder = `${RUNS}/${run}`;
  return lines(
    sh`export LC_ALL=C PATH=${SEARCH_PATH}`,
    trusted('set -eu; umask 077'),
    sh`mkdir -p /run/lvslab/runs; mkdir ${folder}; cd ${folder}`,
    // The script is one quoted word for a shell builtin: no limit of length and no here-document's end to guess.
    trusted(`printf '%s' ${quote(runScript(folder, steps).text)} >script`),
    trusted(': >events'),
    trusted('setsid sh ./script </dev/null >/dev/null 2>&1 &'),
    trusted('echo $! >pid'),
    trusted('tail -n +1 -s 0.2 --pid="$!" -f events </dev/null'),
    sh`cd /; rm -rf ${folder}; rmdir /run/lvslab/runs /run/lvslab 2>/dev/null || :`,
  );
}

/** Asks a run to end after the step that it is in; does nothing when the run has ended. */
export function askToStop(run: string): Script {
  return sh`[ ! -d ${`${RUNS}/${run}`} ] || : >${`${RUNS}/${run}`}/stop`;
}

/** Reads one event line; undefined for anything else, an unfinished line included. */
export function parseRunLine(line: string): RunLine | undefined {
  const [type = '', step, a = '', b = ''] = line.split(' ');
  switch (type) {
    case 'begin':
      return { type, step: Number(step) };
    case 'progress':
      return { type, step: Number(step), done: Number(a), total: Number(b) };
    case 'end': {
      const output = Buffer.from(b, 'base64').toString('utf8');
      return { type, step: Number(step), exitCode: Number(a), output };
    }
    case 'done':
      return { type };
    default:
      return undefined;
  }
}

/** The script that runs on the host: every step in a subshell under `set -eu`, none after one that failed. */
function runScript(folder: string, steps: readonly Script[]): Script {
  return lines(
    sh`cd ${folder}`,
    trusted('exec 3>>events'),
    trusted(`lvslab_progress() { printf 'progress %s %s %s\\n' "$lvslab_step" "$1" "$2" >&3; }`),
    trusted(`lvslab_finish() { echo done >&3; exit 0; }`),
    ...steps.map((step, i) =>
      lines(
        sh`lvslab_step=${i}`,
        trusted('[ ! -e stop ] || lvslab_finish'),
        trusted(`printf 'begin %s\\n' "$lvslab_step" >&3`),
        trusted('( set -eu; umask 022; cd /'),
        step,
        trusted(`) >log 2>&1 </dev/null`),
        trusted(
          `lvslab_status=$?; printf 'end %s %s %s\\n' "$lvslab_step" "$lvslab_status" "$([ "$lvslab_status" = 0 ] || tail -c 4000 log | base64 | tr -d '\\n')" >&3`,
        ),
        trusted('[ "$lvslab_status" = 0 ] || lvslab_finish'),
      ),
    ),
    trusted('lvslab_finish'),
  );
}
