import {
  type Connection,
  type Pace,
  type RunOptions,
  type RunResult,
} from '../model/connection.ts';
import { type Script } from '../model/shell/script.ts';

/** The connection to a host for a whole run: the one underneath is another one after `renew`. */
export class RenewableConnection implements Connection {
  readonly host: string;
  #current: Connection;
  #earlierSessions = 0;

  constructor(first: Connection) {
    this.host = first.host;
    this.#current = first;
  }

  get sessions(): number {
    return this.#earlierSessions + this.#current.sessions;
  }

  get pace(): Pace {
    return this.#current.pace;
  }

  run(script: Script, options?: RunOptions): Promise<RunResult> {
    return this.#current.run(script, options);
  }

  upload(
    localPath: string,
    remotePath: string,
    options?: Pick<RunOptions, 'signal'>,
  ): Promise<void> {
    return this.#current.upload(localPath, remotePath, options);
  }

  again(options?: Pick<RunOptions, 'signal'>): Promise<Connection> {
    return this.#current.again(options);
  }

  close(): Promise<void> {
    return this.#current.close();
  }

  /**
   * Puts a new connection in the place of the one that there is. When none can be made, `renew` may be called again.
   * @throws ConnectError, HostKeyError, AuthenticationError, CancelledError
   */
  async renew(options?: Pick<RunOptions, 'signal'>): Promise<void> {
    const last = this.#current;
    await last.close();
    this.#current = await last.again(options);
    this.#earlierSessions += last.sessions;
  }
}
