import { type Script } from './shell/script.ts';

/** How one script run on a host ended. */
export interface RunResult {
  /** 0–255, or null when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How slow a host has shown itself to be; limits of time are measured against it. */
export interface Pace {
  /** Milliseconds from the first packet to the login; 0 where there is none to make, on this machine itself. */
  readonly connectMs: number;
  /** The most milliseconds that a session has taken so far until its root shell was there; 0 before the first. */
  readonly sessionMs: number;
}

export interface RunOptions {
  /** Called with the standard output as it arrives, in whole or part lines. */
  readonly onStdout?: (text: string) => void;
  /** Milliseconds; without it, only a dead connection ends the wait. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /**
   * For how many milliseconds nothing may come, on either stream, once the shell is there; a host that is silent for longer
   * counts as lost.
   */
  readonly silenceMs?: number;
  /** How many bytes standard output and standard error may have, each; 8 MiB unless told. */
  readonly maxOutputBytes?: number;
}

/** A way to run things on one host, as root. Everything that acts on a host goes through one of these. */
export interface Connection {
  /** The inventory name of the host. */
  readonly host: string;
  /** How many sessions (scripts run, files sent) this connection has carried so far. */
  readonly sessions: number;
  readonly pace: Pace;
  /**
   * Runs a script as root through one `sh -s`, the script on its standard input.
   * @throws ConnectionLostError, TimeoutError, OutputTooLongError, CancelledError; a non-zero exit is a result, not an error.
   */
  run(script: Script, options?: RunOptions): Promise<RunResult>;
  /**
   * Puts a file of the controller on the host, owned by root, mode 0600. The folder is made when it is missing.
   * @throws ConnectionLostError, StepFailedError, TimeoutError when it no longer gets on, CancelledError
   */
  upload(
    localPath: string,
    remotePath: string,
    options?: Pick<RunOptions, 'signal'>,
  ): Promise<void>;
  /**
   * Opens another connection to the same host, logged in anew with the same settings; nobody is asked a second time.
   * This one stays as it is.
   * @throws ConnectError, HostKeyError, AuthenticationError, CancelledError
   */
  again(options?: Pick<RunOptions, 'signal'>): Promise<Connection>;
  close(): Promise<void>;
}
