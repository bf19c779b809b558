import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

import { type NodeSSH } from 'node-ssh';
import { type Client } from 'ssh2';

import {
  type Connection,
  type Pace,
  type RunOptions,
  type RunResult,
} from '../engine/model/connection.ts';
import { ConnectError, ConnectionLostError, LvslabError } from '../engine/model/failures/errors.ts';
import { quote, type Script } from '../engine/model/shell/script.ts';
import { errorField } from './error-field.ts';
import { shortened } from './host-text.ts';
import { type Become } from './root/root-rights.ts';
import { type OpenSession, runAsRoot } from './root/root-session.ts';
import { sendFile } from './upload/send-file.ts';
import { type OpenChannel, openChannel } from './ssh-channel.ts';
import { uploadInSteps } from './upload/upload.ts';

/** How long a host may take to close a connection in its turn: a near one does at once, and nothing waits for a far one. */
const CLOSE_MS = 20;
/** A host that needed long for the login may need a multiple of it for a shell, or between two parts of a file. */
const PATIENCE_MS = 30_000;
const PATIENCE = 20;

/** Makes another connection as this one was made. */
type OpenAgain = (options: Pick<RunOptions, 'signal'>) => Promise<SshConnection>;

/**
 * How long to wait before a refused session is asked for again. sshd counts a session (MaxSessions) until it has reaped its
 * program, which may be a moment after it has said that the session is over.
 */
const REFUSED_PAUSES_MS = [20, 50, 100, 200, 400, 800];

/** A connection to a host over SSH, logged in. */
export class SshConnection implements Connection {
  readonly host: string;
  readonly #ssh: NodeSSH;
  readonly #closeWay: () => Promise<void>;
  readonly #become: Become;
  readonly #openAgain: OpenAgain;
  /** Resolves, with the reason if there is one, when the connection has ended. */
  readonly #closed: Promise<Error | undefined>;
  readonly #connectMs: number;
  readonly #onFirstSessionOver: (() => void) | undefined;
  #sessions = 0;
  #sessionMs = 0;

  constructor({
    host,
    ssh,
    close,
    become,
    openAgain,
    connectMs,
    onFirstSessionOver,
  }: {
    readonly host: string;
    readonly ssh: NodeSSH;
    /** Closes what the connection goes through. */
    readonly close: () => Promise<void>;
    readonly become: Become;
    readonly openAgain: OpenAgain;
    /** How long it took to connect and to log in. */
    readonly connectMs: number;
    readonly onFirstSessionOver: (() => void) | undefined;
  }) {
    this.host = host;
    this.#ssh = ssh;
    this.#closeWay = close;
    this.#become = become;
    this.#openAgain = openAgain;
    this.#connectMs = connectMs;
    this.#onFirstSessionOver = onFirstSessionOver;
    this.#closed = closed(ssh);
  }

  get sessions(): number {
    return this.#sessions;
  }

  get pace(): Pace {
    return { connectMs: this.#connectMs, sessionMs: this.#sessionMs };
  }

  async run(script: Script, options?: RunOptions): Promise<RunResult> {
    this.#sessions++;
    try {
      return await this.#runAsRoot(script, options);
    } finally {
      this.#onFirstSessionOver?.();
    }
  }

  #runAsRoot(script: Script, options?: RunOptions): Promise<RunResult> {
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
      startTimeoutMs: this.#patienceMs,
    });
  }

  async upload(
    localPath: string,
    remotePath: string,
    options: Pick<RunOptions, 'signal'> = {},
  ): Promise<void> {
    await uploadInSteps(localPath, remotePath, {
      host: this.host,
      run: (script, given) => this.run(script, given),
      send: (from, to) => this.#send(from, to, options),
      signal: options.signal,
    });
  }

  again(options: Pick<RunOptions, 'signal'> = {}): Promise<Connection> {
    return this.#openAgain(options);
  }

  async close(): Promise<void> {
    this.#onFirstSessionOver?.();
    this.#ssh.dispose();
    // The host may take leave in its turn; one that does not is left all the same.
    await Promise.race([this.#closed, delay(CLOSE_MS, undefined, { ref: false })]);
    await this.#closeWay();
  }

  get #patienceMs(): number {
    return Math.max(PATIENCE_MS, PATIENCE * this.#connectMs);
  }

  readonly #open: OpenSession = (command, output) => {
    const stdin = new PassThrough();
    let channel: OpenChannel | undefined;
    let isKilled = false;
    const over = (client: Client): OpenChannel['ended'] => {
      if (isKilled) throw this.#lost(undefined);
      channel = openChannel(client, { command: inPlaceOfShell(command), stdin, ...output });
      return channel.ended;
    };
    const run = async (): Promise<{ readonly exitCode: number | null }> => {
      const { code, signal } = await this.#inSession(over);
      // Neither came: the host has closed the session without a word of how the program ended.
      if (code === undefined && signal === undefined) throw this.#lost(undefined);
      return { exitCode: code ?? null };
    };
    const kill = (): void => {
      isKilled = true;
      channel?.close();
    };
    // sshd passes on no signals to what root runs: the script ends when it prints the next time, or by itself.
    return { stdin, ended: this.#orLost(run()), kill };
  };

  async #send(from: string, to: string, { signal }: Pick<RunOptions, 'signal'>): Promise<void> {
    this.#sessions++;
    const silenceMs = this.#patienceMs;
    const over = (client: Client): Promise<void> =>
      sendFile(client, { host: this.host, from, to, signal, silenceMs });
    await this.#orLost(this.#inSession(over));
  }

  /**
   * Does something in a session of its own. One that a host refuses which has given others is asked for again, and at last over
   * another connection: as many as this one may have at a time are at work then. Nothing has begun in a refused session.
   */
  async #inSession<T>(work: (client: Client) => Promise<T>): Promise<T> {
    for (const pauseMs of REFUSED_PAUSES_MS) {
      try {
        return await work(this.#client());
      } catch (error) {
        if (!isRefusal(error) || this.#sessionMs === 0) throw error;
      }
      await delay(pauseMs);
    }
    const other = await this.#openAgain({});
    try {
      return await work(other.#client());
    } finally {
      await other.close();
    }
  }

  #client(): Client {
    const { connection } = this.#ssh;
    if (connection === null) throw this.#lost(undefined);
    return connection;
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
      // Of a connection that ends later, whoever works over it then is told.
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

/**
 * For the login shell: in its place, since its traps would print into what the script prints. A restricted one, which starts
 * programs by their names alone, has no exec either.
 */
function inPlaceOfShell(command: readonly string[]): string {
  const words = command.map(quote).join(' ');
  return words.startsWith('/') ? `exec ${words}` : words;
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

function isRefusal(error: unknown): boolean {
  return errorField(error, 'message').startsWith('(SSH) Channel open failure');
}

function refusedSession(host: string, cause: unknown): ConnectError {
  const reason = shortened(errorField(cause, 'message'));
  return new ConnectError(`the host refused a session: ${reason}`, {
    host,
    step: 'run',
    cause,
    hint: "Check MaxSessions, and 'Subsystem sftp', in the host's sshd_config.",
  });
}
