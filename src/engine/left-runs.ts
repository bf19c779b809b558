import { lockPrelude, type LockHolder, parseHolder } from './host-lock.ts';
import { parseRunLine, type RunAbout, type RunLine } from './run-script.ts';
import { lines, type Script, trusted } from './script.ts';
import { type StateFolders } from './state-folders.ts';

/** A run that was found on a host. */
interface FoundRun {
  /** The name of the lock that it was begun under, and what tells it apart from others under that. */
  readonly lock: string;
  readonly number: number;
  readonly about: RunAbout;
  /** Its process is there. */
  readonly isUnderWay: boolean;
  /** All that it has told so far. */
  readonly events: readonly RunLine[];
  /** How many lines that is. */
  readonly linesRead: number;
}

/** What goes on on a host, or went on when its controller left. */
export interface HostRuns {
  /** Boot id of the host. */
  readonly boot: string;
  /** Who holds the lock, alive or not. */
  readonly holder?: LockHolder;
  /** Whether the connection of the lock's holder is there. */
  readonly isAttended: boolean;
  /** In the order in which they were begun. */
  readonly runs: readonly FoundRun[];
}

/** Read-only shell that prints who holds the lock, and all runs with their events. */
export function inspectRuns(folders: StateFolders): Script {
  return lines(
    lockPrelude(folders),
    trusted('echo "boot $boot"'),
    trusted('if seen=$(cat -- "$lock/holder" 2>/dev/null); then'),
    trusted('lvslab_tell; if lvslab_keeper_lives; then echo attended; fi; fi'),
    trusted('for folder in "$runs"/*; do'),
    trusted('[ -r "$folder/about" ] || continue'),
    // First whether it lives: a run that has ended tells no more.
    trusted('state=ended; if lvslab_run_lives "$folder"; then state=lives; fi'),
    trusted('printf "run %s %s %s\\n" "$state" "${folder##*/}" "$(cat "$folder/about")"'),
    // The last line may be half written.
    trusted('head -n "$(wc -l <"$folder/events")" "$folder/events" | sed "s/^/event /"'),
    trusted('done'),
  );
}

/** Reads what `inspectRuns` printed. */
export function parseRuns(output: string): HostRuns {
  const [head = '', ...printed] = output.split(/^run /m);
  const holder = parseHolder(head);
  return {
    boot: /^boot (.*)$/m.exec(head)?.[1] ?? '',
    ...(holder.run !== '' && { holder }),
    isAttended: /^attended$/m.test(head),
    runs: printed.flatMap(parseRun).toSorted((a, b) => a.number - b.number),
  };
}

function parseRun(text: string): readonly FoundRun[] {
  const [first = '', ...others] = text.split('\n');
  const [, state, lock = '', number, about = ''] = /^(\w+) (\S+)\.(\d+) (.*)$/.exec(first) ?? [];
  if (state === undefined) return [];
  const told = others.filter((line) => line.startsWith('event '));
  try {
    return [
      {
        lock,
        number: Number(number),
        about: JSON.parse(about) as RunAbout,
        isUnderWay: state === 'lives',
        events: told
          .map((line) => parseRunLine(line.slice('event '.length)))
          .filter((event) => event !== undefined),
        linesRead: told.length,
      },
    ];
  } catch (error) {
    // Half written when its controller was killed: nothing of it has begun.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
