import { type Connection } from '../engine/model/connection.ts';
import { MissingOnHostError, StepFailedError } from '../engine/model/failures/errors.ts';
import { readingLimitMs } from '../engine/host/limits.ts';
import { SEARCH_PATH } from '../engine/host/observe.ts';
import { type Script, sh, trusted } from '../engine/model/shell/script.ts';
import { type Restoration } from './report.ts';

/** What stopping servers, and starting them again whatever happens, needs beside the hosts. */
export interface ServerControl {
  readonly realServers: ReadonlyMap<string, Connection>;
  /** Opens a new connection to a host whose old one was lost. */
  readonly reconnect: (host: string) => Promise<Connection>;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly nonce: () => string;
  /** After so many seconds a host starts its nginx by itself, should the controller have vanished. */
  readonly guardSeconds: number;
}

const START_COMMAND = 'systemctl start nginx';
const ATTEMPTS = 3;
const PAUSE_MS = 2_000;
const NOT_RUNNING = 3;

/** The real servers whose nginx is, or may be, stopped for the moment. */
export class StoppedServers {
  readonly #control: ServerControl;
  /** By host: the timer on it that starts its nginx if nobody else does. */
  readonly #guards = new Map<string, string>();

  constructor(control: ServerControl) {
    this.#control = control;
  }

  /** Inventory names, in the order in which they were stopped. */
  get names(): readonly string[] {
    return [...this.#guards.keys()];
  }

  /**
   * Stops the nginx of a host, after arming a timer there that starts it again.
   * @throws StepFailedError, MissingOnHostError when there is no connection; what `Connection.run` throws.
   */
  async stop(host: string): Promise<void> {
    const { realServers, nonce, guardSeconds } = this.#control;
    const connection = realServers.get(host);
    if (connection === undefined) {
      throw new MissingOnHostError('there is no connection to it', { host, step: 'drill' });
    }
    const guard = `lvslab-drill-${nonce()}`;
    // Before the script runs: if the connection breaks meanwhile, nginx may or may not be stopped.
    this.#guards.set(host, guard);
    // Not to be interrupted: a script left behind could stop nginx after it was started again.
    const result = await connection.run(stopScript(guard, guardSeconds), {
      timeoutMs: readingLimitMs(connection.pace),
    });
    if (result.exitCode === 0) return;
    if (result.exitCode === NOT_RUNNING) this.#guards.delete(host);
    throw new StepFailedError(
      result.exitCode === NOT_RUNNING
        ? 'systemd does not run its nginx, so it could not be started again'
        : `its nginx could not be stopped: ${lastLine(result.stderr)}`,
      {
        host,
        step: 'drill',
        exitCode: result.exitCode ?? -1,
        output: result.stderr,
        hint: 'See what differs on this host with `lvslab plan`.',
      },
    );
  }

  /** Starts every stopped nginx again, a broken connection or an interruption notwithstanding; never throws. */
  async restore(): Promise<readonly Restoration[]> {
    const guards = [...this.#guards];
    return await Promise.all(guards.map(([host, guard]) => this.#restoreHost(host, guard)));
  }

  async #restoreHost(host: string, guard: string): Promise<Restoration> {
    const { realServers, reconnect, pause } = this.#control;
    let reason = '';
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const known = attempt === 1 ? realServers.get(host) : undefined;
      try {
        reason = await tryStart(known ?? (await reconnect(host)), {
          guard,
          keepOpen: known !== undefined,
        });
        if (reason === '') {
          this.#guards.delete(host);
          return { host, restored: true, command: '', reason };
        }
      } catch (error) {
        reason = reasonOf(error);
      }
      if (attempt < ATTEMPTS) await pause(PAUSE_MS);
    }
    return { host, restored: false, command: START_COMMAND, reason };
  }
}

/** The timer is armed first: from the moment on when nginx stops, it is certain that it will run again. */
function stopScript(guard: string, seconds: number): Script {
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    systemctl is-active nginx >/dev/null || exit ${NOT_RUNNING}
    systemd-run ${`--unit=${guard}`} ${`--on-active=${seconds}`} --timer-property=AccuracySec=1s \
      "$(command -v systemctl)" start nginx >/dev/null || exit 1
    systemctl stop nginx
  `;
}

function startScript(guard: string): Script {
  return sh`
    export LC_ALL=C PATH=${SEARCH_PATH}
    ${trusted(START_COMMAND)} || exit 1
    systemctl is-active nginx >/dev/null || exit 1
    systemctl stop ${`${guard}.timer`} 2>/dev/null || :
  `;
}

/** @returns why nginx does not run; '' when it does. */
async function tryStart(
  connection: Connection,
  { guard, keepOpen }: { readonly guard: string; readonly keepOpen: boolean },
): Promise<string> {
  try {
    const { exitCode, stderr } = await connection.run(startScript(guard), {
      timeoutMs: readingLimitMs(connection.pace),
    });
    return exitCode === 0 ? '' : lastLine(stderr);
  } finally {
    if (!keepOpen) await connection.close();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function lastLine(text: string): string {
  const last = text.trim().split('\n').at(-1) ?? '';
  return last === '' ? 'no reason given' : last;
}
