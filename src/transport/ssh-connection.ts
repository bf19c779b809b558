import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { type NodeSSH } from 'node-ssh';
import { type ClientChannel } from 'ssh2';

import {
  type Connection,
  type Pace,
  type RunOptions,
  type RunResult,
} from '../engine/connection.ts';
import {
  ConnectError,
  ConnectionLostError,
  LvslabError,
  StepFailedError,
} from '../engine/errors.ts';
import { quote, type Script } from '../engine/script.ts';
import { errorField } from './error-field.ts';
import { type Proxy } from './proxy-command.ts';
import { type Become } from './root-rights.ts';
import { type OpenSession, runAsRoot, type Session, type SessionOutput } from './root-session.ts';
import { uploadInSteps } from './upload.ts';

/** How long a connection may take to close by itself. */
const CLOSE_MS = 1000;

/** Makes another connection as this one was made. */
type OpenAgain = (options: Pick<RunOptions, 'signal'>) => Promise<Connection>;

/** A connection to a host over SSH, logged in. */
export class SshConnection implements Connection {
  readonly host: string;
  readonly #ssh: NodeSSH;
  readonly #proxy: Proxy | undefined;
  readonly #become: Become;
  readonly #openAgain: OpenAgain;
  /** Resolves, with the reason if there is one, when the connection has ended. */
  readonly #closed: Promise<Error | undefined>;
  readonly #connectMs: number;
  #sessions = 0;
  #sessionMs = 0;

  constructor({
    host,
    ssh,
    proxy,
    become,
    openAgain,
    connectMs,
  }: {
    readonly host: string;
    readonly ssh: NodeSSH;
    readonly proxy: Proxy | undefined;
    readonly become: Become;
    readonly openAgain: OpenAgain;
    /** How long it took to connect and to log in. */
    readonly connectMs: number;
  }) {
    this.host = host;
    this.#ssh = ssh;
    this.#proxy = proxy;
    this.#become = become;
    this.#openAgain = openAgain;
    this.#connectMs = connectMs;
    this.#closed = closed(ssh);
  }

  get sessions(): number {
    return this.#sessions;
  }

  get pace(): Pace {
    return { connectMs: this.#connectMs, sessionMs: this.#sessionMs };
  }

  run(script: Script, options?: RunOptions): Promise<RunResult> {
    this.#sessions++;
    const nonce = `lvslab-${randomBytes(12).toString('hex')}`;
    return runAsRoot(this.#open, {
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

  async upload(localPath: string, remotePath: string): Promise<void> {
    await uploadInSteps(localPath, remotePath, {
      host: this.host,
      run: (script) => this.run(script),
      send: (from, to) => this.#send(from, to),
    });
  }

  again(options: Pick<RunOptions, 'signal'> = {}): Promise<Connection> {
    return this.#openAgain(options);
  }

  async close(): Promise<void> {
    const client = this.#ssh.connection;
    this.#ssh.dispose();
    await this.#proxy?.close();
    await Promise.race([this.#closed, delay(CLOSE_MS, undefined, { ref: false })]);
    client?.destroy();
  }

  readonly #open: OpenSession = (command, output) => {
    const stdin = new PassThrough();
    let channel: ClientChannel | undefined;
    const kill = (): void => {
      // sshd passes on no signals to what root runs: the script ends when it prints the next time, or by itself.
      channel?.close();
    };
    const ended = this.#exec({ command, output, stdin, onChannel: (opened) => (channel = opened) });
    return { stdin, ended: this.#orLost(ended), kill };
  };

  async #exec({
    command,
    output,
    stdin,
    onChannel,
  }: {
    readonly command: readonly string[];
    readonly output: SessionOutput;
    readonly stdin: PassThrough;
    readonly onChannel: (channel: ClientChannel) => void;
  }): Promise<Awaited<Session['ended']>> {
    const { code, signal } = await this.#ssh.execCommand(command.map(quote).join(' '), {
      ...output,
      stdin,
      onChannel: (channel) => {
        channel.on('error', () => undefined);
        onChannel(channel);
      },
    });
    if (code === null && signal === null) throw this.#lost(undefined);
    return { exitCode: code };
  }

  #send(from: string, to: string): Promise<void> {
    this.#sessions++;
    const sent = this.#ssh.withSFTP(
      (sftp) =>
        new Promise<void>((resolve, reject) => {
          sftp.fastPut(from, to, { mode: 0o600 }, (error) => {
            if (error) reject(sendError(this.host, { from, error }));
            else resolve();
          });
        }),
    );
    return this.#orLost(sent);
  }

  /** What comes first: the work's own end, or that of the connection. */
  async #orLost<T>(work: Promise<T>): Promise<T> {
    const lost = this.#closed.then((cause) => {
      throw this.#lost(cause);
    });
    try {
      return await Promise.race([work, lost]);
    } catch (error) {
      if (!this.#ssh.isConnected() || isOfTheConnection(error)) throw this.#lost(error);
      throw error instanceof LvslabError ? error : refusedSession(this.host, error);
    } finally {
      lost.catch(() => undefined);
    }
  }

  #lost(cause: unknown): ConnectionLostError {
    if (cause instanceof ConnectionLostError) return cause;
    return new ConnectionLostError('the connection broke', {
      host: this.host,
      step: 'run',
      cause,
      hint: 'Check that the host is up and can be reached, then run the command again.',
    });
  }
}

function closed({ connection }: NodeSSH): Promise<Error | undefined> {
  return new Promise((resolve) => {
    let last: Error | undefined;
    connection?.on('error', (error) => {
      last = error;
    });
    connection?.on('close', () => {
      resolve(last);
    });
  });
}

/** ssh2 tells whoever waits for a session first, and only then that the connection is closed. */
function isOfTheConnection(error: unknown): boolean {
  return (
    errorField(error, 'level').startsWith('client-') ||
    /^(Not connected|No response from server)$/.test(errorField(error, 'message'))
  );
}

function refusedSession(host: string, cause: unknown): ConnectError {
  return new ConnectError(`the host refused a session: ${errorField(cause, 'message')}`, {
    host,
    step: 'run',
    cause,
    hint: "Check MaxSessions, and 'Subsystem sftp', in the host's sshd_config.",
  });
}

function sendError(
  host: string,
  { from, error }: { readonly from: string; readonly error: Error },
): StepFailedError {
  return new StepFailedError(`${from} could not be sent: ${error.message}`, {
    host,
    step: 'upload',
    cause: error,
    exitCode: 1,
    output: error.message,
    hint: 'Check that the host has free disk space, and that its sshd offers SFTP.',
  });
}
