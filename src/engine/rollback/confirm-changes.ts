import { pauseOrAbort } from '../model/failures/cancellation.ts';
import { type Connection } from '../model/connection.ts';
import { LvslabError } from '../model/failures/errors.ts';
import { confirmChange, parseChangeEnd } from './commit-confirmed.ts';
import { type StatePaths } from '../host/state-paths.ts';

/** A host that may ask for a confirmation of a change that it tries. */
interface ConfirmingHost {
  readonly connection: Pick<Connection, 'again'>;
  readonly paths: StatePaths;
}

const PAUSE_MS = 500;

/** Confirms changes that a host tries, each over a connection that did not exist before the change. */
export class Confirmations {
  readonly #host: ConfirmingHost;
  readonly #isOver = new AbortController();
  /** None of these rejects: a failure that nobody awaits yet would end the program. */
  readonly #running: Promise<{ readonly broken?: unknown }>[] = [];
  readonly #begun = new Set<string>();
  #lastFailure: LvslabError | undefined;

  constructor(host: ConfirmingHost) {
    this.#host = host;
  }

  /** Why the last attempt to connect failed, where one has. */
  get lastFailure(): LvslabError | undefined {
    return this.#lastFailure;
  }

  /**
   * Tries to confirm until the change has ended or the time is over, and returns at once; once for each change.
   * @param change what the host calls it.
   */
  begin(change: string, seconds: number): void {
    if (this.#begun.has(change)) return;
    this.#begun.add(change);
    this.#running.push(
      this.#confirm(change, seconds).then(
        () => ({}),
        (broken: unknown) => ({ broken }),
      ),
    );
  }

  /** Resolves when nothing of it goes on any more; rejects with what nobody throws on purpose. */
  async end(): Promise<void> {
    this.#isOver.abort();
    const ends = await Promise.all(this.#running);
    const bad = ends.find((end) => 'broken' in end);
    if (bad !== undefined) throw bad.broken;
  }

  async #confirm(change: string, seconds: number): Promise<void> {
    const signal = AbortSignal.any([this.#isOver.signal, AbortSignal.timeout(seconds * 1000)]);
    const isOver = (): boolean => signal.aborted;
    while (!isOver()) {
      try {
        if (await this.#tryOnce(change, signal)) return;
      } catch (error) {
        if (!(error instanceof LvslabError)) throw error;
        // Being stopped says nothing about the host.
        if (!isOver()) this.#lastFailure = error;
      }
      await pauseOrAbort(PAUSE_MS, signal);
    }
  }

  /** Resolves to whether the host has answered. */
  async #tryOnce(change: string, signal: AbortSignal): Promise<boolean> {
    const connection = await this.#host.connection.again({ signal });
    try {
      const script = confirmChange(this.#host.paths, change);
      const { exitCode, stdout } = await connection.run(script, { signal });
      return exitCode === 0 && parseChangeEnd(stdout) !== undefined;
    } finally {
      await connection.close();
    }
  }
}
