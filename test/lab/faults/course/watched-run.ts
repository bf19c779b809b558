import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A line that the program printed under `--json`. */
export interface PrintedEvent {
  readonly type: string;
  readonly host?: string;
  readonly step?: string;
  readonly play?: string;
  readonly error?: PrintedError;
  readonly text?: string;
}

/** An error as the program prints it for programs. */
export interface PrintedError {
  readonly code: string;
  readonly message: string;
  readonly host?: string;
  readonly step?: string;
  readonly hint?: string;
  readonly causes?: readonly string[];
  readonly output?: string;
}

/** How a run of the program ended, as it was seen from outside. */
export interface WatchedRun {
  /** null when it was killed. */
  readonly exitCode: number | null;
  readonly events: readonly PrintedEvent[];
  readonly stderr: string;
  readonly milliseconds: number;
}

export interface Watching {
  /** Called with each event at once; `kill` ends the program as nothing else can. */
  readonly onEvent?: (event: PrintedEvent, kill: () => void) => void;
  readonly environment?: Readonly<Record<string, string>>;
}

const PROGRAM = fileURLToPath(new URL('../../../../bin/lvslab.js', import.meta.url));

/** No run may take longer than this, whatever happens to it. */
const LIMIT_MS = 20 * 60_000;

/** Runs the built program with `--json` and follows its events. */
export async function watchedRun(
  args: readonly string[],
  { onEvent, environment = {} }: Watching = {},
): Promise<WatchedRun> {
  const began = performance.now();
  const child = spawn(process.execPath, [PROGRAM, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const timer = setTimeout(kill, LIMIT_MS);
  const events: PrintedEvent[] = [];
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  createInterface(child.stdout).on('line', (line) => {
    const event = parseEvent(line);
    if (event === undefined) return;
    events.push(event);
    onEvent?.(event, kill);
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { exitCode, events, stderr, milliseconds: performance.now() - began };
}

/** What a run said when it failed, host by host, and at its end. */
export function errorsOf({ events }: Pick<WatchedRun, 'events'>): readonly PrintedError[] {
  return events.flatMap(({ error }) => (error === undefined ? [] : [error]));
}

/** A program that is killed leaves a line half printed. */
function parseEvent(line: string): PrintedEvent | undefined {
  try {
    return JSON.parse(line) as PrintedEvent;
  } catch {
    return undefined;
  }
}
