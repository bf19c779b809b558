import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';

import {
  type Connection,
  type Pace,
  type RunOptions,
  type RunResult,
} from '../engine/model/connection.ts';
import { type Script } from '../engine/model/shell/script.ts';
import { endGroup } from './process-group.ts';
import { type Become } from './root/root-rights.ts';
import { type OpenSession, runAsRoot } from './root/root-session.ts';
import { checked, place } from './upload/upload.ts';

/** Acts on this machine itself (ansible_connection: local). */
export function openLocalConnection({
  host,
  become = { kind: 'sudo' },
}: {
  readonly host: string;
  readonly become?: Become;
}): Connection {
  return new LocalConnection(host, become);
}

class LocalConnection implements Connection {
  readonly host: string;
  readonly #become: Become;
  #sessions = 0;
  #sessionMs = 0;

  constructor(host: string, become: Become) {
    this.host = host;
    this.#become = become;
  }

  get sessions(): number {
    return this.#sessions;
  }

  get pace(): Pace {
    return { connectMs: 0, sessionMs: this.#sessionMs };
  }

  run(script: Script, options?: RunOptions): Promise<RunResult> {
    this.#sessions++;
    const nonce = `lvslab-${randomBytes(12).toString('hex')}`;
    return runAsRoot(openProcess, {
      host: this.host,
      script,
      become: this.#become,
      nonce,
      options,
      onStarted: (milliseconds) => {
        this.#sessionMs = Math.max(this.#sessionMs, milliseconds);
      },
    });
  }

  async upload(
    localPath: string,
    remotePath: string,
    options: Pick<RunOptions, 'signal'> = {},
  ): Promise<void> {
    const { size } = await stat(localPath);
    const from = path.resolve(localPath);
    await checked(this.host, this.run(place({ from, to: remotePath, size }), options));
  }

  again(): Promise<Connection> {
    return Promise.resolve(new LocalConnection(this.host, this.#become));
  }

  async close(): Promise<void> {
    // Nothing is open between two runs.
  }
}

/** How long a script that was asked to end may take before it is killed. */
const GRACE_MS = 2000;

const openProcess: OpenSession = ([program = '', ...args], { onStdout, onStderr }) => {
  // A process group of its own, so that what the script started can be ended with it.
  const child = spawn(program, args, { detached: true });
  child.stdout.on('data', onStdout);
  child.stderr.on('data', onStderr);
  let isOver = false;
  const ended = new Promise<{ readonly exitCode: number | null }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => {
      isOver = true;
      resolve({ exitCode });
    });
  });
  const kill = (): void => {
    // What still wants to print, or runs under sudo where no signal of ours reaches, ends with its pipes.
    child.stdout.destroy();
    child.stderr.destroy();
    if (isOver || !endGroup(child, 'SIGTERM')) return;
    setTimeout(() => {
      endGroup(child, 'SIGKILL');
    }, GRACE_MS).unref();
  };
  return { stdin: child.stdin, ended, kill };
};
