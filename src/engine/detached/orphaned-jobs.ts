import { z } from 'zod';
import { lockPrelude, type LockHolder, parseHolder } from './host-lock.ts';
import { parseJobLine, type JobDescription, type JobLine } from './job-script.ts';
import { type Script, sh } from '../model/shell/script.ts';
import { type JobSummary } from '../model/events.ts';
import { type StatePaths } from '../host/state-paths.ts';
import { causeOf } from '../host/step-failure.ts';
import { type ExplainFailure } from '../model/failures/failure-reason.ts';

/** What a job says of itself is input, like all that a host says. */
const ABOUT: z.ZodType<JobDescription> = z.object({
  play: z.string(),
  steps: z.array(z.string()),
  owner: z.string(),
  controller: z.string(),
  since: z.string(),
  boot: z.string(),
});

/** A job that was found on a host. */
export interface FoundJob {
  /** Id of the invocation that has begun it, and what tells it apart from that one's others. */
  readonly invocation: string;
  readonly number: number;
  readonly about: JobDescription;
  /** Its process is there. */
  readonly isRunning: boolean;
  /** All that it has told so far. */
  readonly events: readonly JobLine[];
  /** How many lines that is. */
  readonly linesRead: number;
}

/** What goes on on a host, or went on when its controller left. */
export interface HostJobs {
  /** Boot id of the host. */
  readonly boot: string;
  /** Who holds the lock, alive or not. */
  readonly holder?: LockHolder;
  /** Whether the connection of the lock's holder is there. */
  readonly isHolderConnected: boolean;
  /** In the order in which they were begun. */
  readonly jobs: readonly FoundJob[];
}

/** Read-only shell that prints who holds the lock, and all jobs with their events. */
export function probeJobs(paths: StatePaths): Script {
  return sh`
    ${lockPrelude(paths)}
    echo "boot $boot"
    if [ -e "$lock/holder" ] && seen=$(cat -- "$lock/holder" 2>/dev/null); then
      lvslab_tell
      if lvslab_keeper_alive; then echo connected; fi
    fi
    for folder in "$runs"/*; do
      [ -r "$folder/about" ] || continue
      ## First whether it lives: a job that has ended tells no more.
      state=ended
      if lvslab_job_alive "$folder"; then state=lives; fi
      printf 'job %s %s %s\n' "$state" "\${folder##*/}" "$(cat "$folder/about")"
      ## The last line may be half written.
      head -n "$(wc -l <"$folder/events")" "$folder/events" | sed 's/^/event /'
    done
  `;
}

/** Reads what `probeJobs` printed. */
export function parseJobs(output: string): HostJobs {
  const [head = '', ...printed] = output.split(/^job /m);
  const holder = parseHolder(head);
  return {
    boot: /^boot ([\w-]{1,100})$/m.exec(head)?.[1] ?? '',
    ...(holder.invocation !== '' && { holder }),
    isHolderConnected: /^connected$/m.test(head),
    jobs: printed.flatMap(parseJob).toSorted((a, b) => a.number - b.number),
  };
}

/** The jobs whose controller is gone. */
export function orphanedJobs({ holder, isHolderConnected, jobs }: HostJobs): readonly FoundJob[] {
  return jobs.filter(({ invocation }) => !(isHolderConnected && invocation === holder?.invocation));
}

/** How a job stands, by what it has told. */
export function summaryOf(
  { about, isRunning, events }: FoundJob,
  explain?: ExplainFailure,
): JobSummary {
  const ends = events.filter((event) => event.type === 'end');
  const failed = ends.find(({ exitCode }) => exitCode !== 0);
  const done = ends.filter(({ exitCode }) => exitCode === 0).length;
  const stepAt = (index: number | undefined): Pick<JobSummary, 'step'> => {
    const step = index === undefined ? undefined : about.steps[index];
    return step === undefined ? {} : { step };
  };
  if (failed !== undefined) {
    const { exitCode, output } = failed;
    const reason = causeOf(output, exitCode, explain);
    return { state: 'failed', done, ...stepAt(failed.step), reason, output };
  }
  if (events.some(({ type }) => type === 'done')) {
    return { state: done === about.steps.length ? 'done' : 'stopped', done };
  }
  const begun = events.findLast((event) => event.type === 'begin')?.step;
  const running = ends.some(({ step }) => step === begun) ? undefined : begun;
  return { state: isRunning ? 'running' : 'killed', done, ...stepAt(running) };
}

function parseJob(text: string): readonly FoundJob[] {
  const [first = '', ...others] = text.split('\n');
  const [, state, invocation = '', number, about = ''] =
    /^(\w+) ([\w-]{1,100})\.(\d{1,9}) (.*)$/.exec(first) ?? [];
  if (state === undefined) return [];
  // Half written when its controller was killed: nothing of it has begun.
  const said = ABOUT.safeParse(jsonIn(about));
  if (!said.success) return [];
  const told = others.filter((line) => line.startsWith('event '));
  return [
    {
      invocation,
      number: Number(number),
      about: said.data,
      isRunning: state === 'lives',
      events: told
        .map((line) => parseJobLine(line.slice('event '.length)))
        .filter((event) => event !== undefined),
      linesRead: told.length,
    },
  ];
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON is of no right shape either.
    return undefined;
  }
}
