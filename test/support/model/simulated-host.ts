import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Connection,
  type RunOptions,
  type RunResult,
} from '../../../src/engine/model/connection.ts';
import { cancelled } from '../../../src/engine/model/failures/cancellation.ts';
import {
  ConnectError,
  ConnectionLostError,
  TimeoutError,
} from '../../../src/engine/model/failures/errors.ts';
import { SEARCH_PATH } from '../../../src/engine/host/observe.ts';
import { findKeeper } from '../../../src/engine/host/remote-process.ts';
import { type Script, sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { isAlive } from '../processes.ts';

const MARK = 'LVSLAB_SIMULATED_HOST';

/** One connection to a simulated host; it lives as long as its process does. */
interface Wire {
  readonly number: number;
  readonly keeper: ChildProcess;
  readonly sessions: Set<() => void>;
  isGone: boolean;
}

/** What a controller can reach of the host: nothing, once it is gone. */
export interface Controller {
  isGone: boolean;
  readonly wires: Set<Wire>;
}

/**
 * A host below a folder that runs the scripts as they are, through a real sh. Simulated are only its boots, its clock, and
 * what stands for a connection: a reboot ends every process of it, time passes when a test says so, and whoever makes
 * the file `etc/cut-off` keeps new connections out.
 */
export class SimulatedHost {
  readonly root = mkdtempSync(path.join(tmpdir(), 'lvslab-model-'));
  readonly paths = {
    stateDir: this.at('state'),
    runtimeDir: this.at('runtime'),
    unitDir: this.at('units'),
  };
  readonly #id = randomUUID();
  readonly #wires = new Set<Wire>();
  #connections = 0;
  #uptime = 1000;
  #isDown = false;
  /** Confirmations that have come: of which change, over which connection. */
  readonly confirmations: { readonly change: string; readonly connection: number }[] = [];

  constructor() {
    for (const name of ['etc', 'bin', 'units']) mkdirSync(this.at(name));
    // There is no systemd here and no at: the timers are processes.
    for (const name of ['systemd-run', 'systemctl', 'at', 'atrm']) {
      writeFileSync(this.at(`bin/${name}`), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    }
    symlinkSync('/usr/bin/sleep', this.at('bin/keeper'));
    writeFileSync(
      this.at('bin/wait'),
      `read -r up rest <${this.at('uptime')}; end=$((\${up%%.*} + $1))
until read -r up rest <${this.at('uptime')} && [ "\${up%%.*}" -ge "$end" ]; do sleep 0.1; done\n`,
    );
    this.#boot();
  }

  at(name: string): string {
    return path.join(this.root, name);
  }

  /** '' where there is no such file. */
  read(name: string): string {
    try {
      return readFileSync(this.at(name), 'utf8');
    } catch (error) {
      // The host may take it away at any moment; beside the jobs' folders are files.
      if (/^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return '';
      throw error;
    }
  }

  /** What stands in the state folder, of pending changes. */
  get pendingChanges(): readonly string[] {
    const { stateDir } = this.paths;
    if (!existsSync(stateDir)) return [];
    return readdirSync(stateDir).filter((name) => name.startsWith('undecided.'));
  }

  /** Whether a job of it goes on. */
  get isAtWork(): boolean {
    const jobs = this.at('runtime/runs');
    if (!existsSync(jobs)) return false;
    return readdirSync(jobs).some((name) => {
      const pid = Number(this.read(`runtime/runs/${name}/pid`));
      return pid > 0 && isAlive(pid);
    });
  }

  passTime(seconds: number): void {
    this.#uptime += seconds;
    this.#tellUptime();
  }

  /** Nothing outlives it but the disk; what is left for the boot to run has run when it resolves. */
  async reboot(): Promise<void> {
    this.#isDown = true;
    for (const wire of this.#wires) this.#lose(wire);
    await this.endProcesses();
    rmSync(this.paths.runtimeDir, { recursive: true, force: true });
    // Runtime state, as an address of a NIC is.
    for (const name of ['etc/cut-off', 'writer', 'arrived', 'go'])
      rmSync(this.at(name), { force: true, recursive: true });
    this.#boot();
    const wants = this.at('units/sysinit.target.wants');
    for (const name of existsSync(wants) ? readdirSync(wants) : []) {
      if (!existsSync(path.join(wants, name))) continue;
      const unit = readFileSync(path.join(wants, name), 'utf8');
      const [, command = ''] = /^ExecStart=\/bin\/sh -c "(.*)"$/m.exec(unit) ?? [];
      await this.#run(trusted(command), {});
    }
    this.#isDown = false;
  }

  /** Breaks all connections of a controller, which may come again unless it is gone. */
  drop({ wires }: Controller): void {
    for (const wire of wires) this.#lose(wire);
    wires.clear();
  }

  /** @throws ConnectError */
  connect(controller: Controller): Connection {
    if (controller.isGone || this.#isDown || existsSync(this.at('etc/cut-off'))) {
      throw new ConnectError('no answer', { host: 'a', step: 'connect' });
    }
    const number = ++this.#connections;
    writeFileSync(this.at('connections'), `${number}\n`);
    const keeper = spawn(this.at('bin/keeper'), ['3600'], {
      env: this.#environment,
      stdio: 'ignore',
    });
    const wire: Wire = { number, keeper, sessions: new Set(), isGone: false };
    this.#wires.add(wire);
    controller.wires.add(wire);
    let sessions = 0;
    return {
      host: 'a',
      get sessions() {
        return sessions;
      },
      // As of a machine that is busy.
      pace: { connectMs: 0, sessionMs: 1000 },
      run: (script, options = {}) => {
        sessions++;
        return this.#runOver(wire, script, options);
      },
      upload: () => Promise.reject(new Error('nothing is uploaded here')),
      again: () => Promise.resolve().then(() => this.connect(controller)),
      close: () => {
        this.#lose(wire);
        controller.wires.delete(wire);
        return Promise.resolve();
      },
    };
  }

  /** Ends everything that runs on the host. */
  async endProcesses(): Promise<void> {
    for (;;) {
      const pids = this.processes();
      if (pids.length === 0) return;
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended by itself.
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** All processes of the host. */
  processes(): readonly number[] {
    return readdirSync('/proc').flatMap((name) => {
      if (!/^\d+$/.test(name)) return [];
      try {
        const isOurs = readFileSync(`/proc/${name}/environ`, 'utf8').includes(
          `${MARK}=${this.#id}`,
        );
        return isOurs ? [Number(name)] : [];
      } catch {
        return [];
      }
    });
  }

  async remove(): Promise<void> {
    for (const wire of this.#wires) this.#lose(wire);
    await this.endProcesses();
    rmSync(this.root, { recursive: true });
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, [MARK]: this.#id };
  }

  #boot(): void {
    writeFileSync(this.at('boot_id'), `${randomUUID()}\n`);
    this.#uptime = 1000;
    this.#tellUptime();
  }

  #tellUptime(): void {
    writeFileSync(this.at('uptime.new'), `${this.#uptime}.00 0.00\n`);
    renameSync(this.at('uptime.new'), this.at('uptime'));
  }

  #lose(wire: Wire): void {
    wire.isGone = true;
    this.#wires.delete(wire);
    wire.keeper.kill('SIGKILL');
    for (const lose of wire.sessions) lose();
  }

  async #runOver(wire: Wire, script: Script, options: RunOptions): Promise<RunResult> {
    const lost = (): Error => new ConnectionLostError('it broke', { host: 'a', step: 'run' });
    if (wire.isGone) throw lost();
    const [, change] = /undecided\.(\S+)\/decide confirmed/.exec(script.text) ?? [];
    if (change !== undefined) this.confirmations.push({ change, connection: wire.number });
    let lose: () => void = () => undefined;
    const broken = new Promise<never>((_resolve, reject) => {
      lose = () => {
        reject(lost());
      };
    });
    broken.catch(() => undefined);
    wire.sessions.add(lose);
    const keeper = trusted(`keeper=${wire.keeper.pid ?? 0}`);
    const text = script.text.replaceAll(findKeeper.text, keeper.text);
    try {
      return await this.#run(trusted(text), options, broken);
    } finally {
      wire.sessions.delete(lose);
    }
  }

  async #run(
    script: Script,
    { onStdout, signal, timeoutMs }: RunOptions,
    broken?: Promise<never>,
  ): Promise<RunResult> {
    const child = spawn('sh', ['-s'], { env: this.#environment, detached: true });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      stdout += part;
      onStdout?.(part);
    });
    child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
    child.stdin.on('error', () => undefined);
    child.stdin.end(`{ :; ${this.#staged(script).text}\n\n}\n`);
    const ended = new Promise<RunResult>((resolve) => {
      child.on('close', (exitCode) => {
        resolve({ exitCode, stdout, stderr });
      });
    });
    const { promise: failed, stop } = failure({ signal, timeoutMs });
    try {
      return await Promise.race([ended, failed, ...(broken === undefined ? [] : [broken])]);
    } catch (error) {
      child.stdout.removeAllListeners('data');
      try {
        process.kill(-(child.pid ?? 0), 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
      throw error;
    } finally {
      stop();
    }
  }

  #staged({ text }: Script): Script {
    return trusted(
      text
        .replaceAll('/proc/sys/kernel/random/boot_id', this.at('boot_id'))
        .replaceAll('/proc/uptime', this.at('uptime'))
        .replaceAll('sleep "$1"; exec /bin/sh', `sh ${this.at('bin/wait')} "$1"; exec /bin/sh`)
        .replaceAll(SEARCH_PATH, `${this.at('bin')}:${SEARCH_PATH}`),
    );
  }
}

function failure(limits: {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
}): {
  readonly promise: Promise<never>;
  readonly stop: () => void;
} {
  const { signal, timeoutMs } = limits;
  let fail: (error: Error) => void = () => undefined;
  const promise = new Promise<never>((_resolve, reject) => (fail = reject));
  promise.catch(() => undefined);
  const onAbort = (): void => {
    if (signal !== undefined) fail(cancelled(signal, { host: 'a', step: 'run' }));
  };
  const timer = setTimeout(() => {
    fail(new TimeoutError('it took too long', { host: 'a', step: 'run' }));
  }, timeoutMs ?? 600_000);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) onAbort();
  return {
    promise,
    stop: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

/**
 * Shell for a step that holds the pen: two at the same time are a violation. A step that fails lays it down as well: it
 * leaves alone what somebody has changed meanwhile.
 */
export function writing(host: SimulatedHost, what: Script): Script {
  const [writer, violations] = [host.at('writer'), host.at('violations')];
  return sh`
    mkdir ${writer} 2>/dev/null || echo 'two writers at the same time' >>${violations}
    (
      trap 'rmdir "$writer"' EXIT
      writer=${writer}
      ${what}
    )
  `;
}
