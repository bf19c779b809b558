import { availableParallelism } from 'node:os';
import { pauseOrAbort } from '../../../engine/model/failures/cancellation.ts';

/**
 * The arithmetic of a login keeps a core busy for a while. With so many hosts at a time none of it is idle, and where the hosts
 * are machines on this one, as many of a teacher's are, they don't wait for each other until their limits of time are over.
 */
const HOSTS_PER_CORE = 16;
/** What a turn may take at least until the next host need not wait for it: one that says nothing takes none of our time. */
const LEAST_TURN_MS = 1500;
/** So many times as long as turns take: where all take long, it is not the host that is slow, and more at a time would be slower. */
const PATIENCE = 3;
/** A person's answer may be part of a turn; no longer than this is it taken for slowness. */
const MOST_TURN_MS = 20_000;
/** How much of what is typical the last turn tells. */
const WEIGHT = 1 / 4;

/** How many hosts have their turn at the same time where nobody has said how many. */
function defaultForks(): number {
  return HOSTS_PER_CORE * availableParallelism();
}

/**
 * Lets a few hosts at a time begin: a turn is the login and the first session, in which a host is read. Many hosts don't wait for
 * each other then until the limits of time of all of them are over, and a host that takes long keeps nobody waiting.
 */
export class HostTurns {
  readonly #leastMs: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;
  /** What a turn takes, in milliseconds, as the last ones tell. */
  #typicalMs: number;

  /** @param count 1 or more. */
  constructor(count = defaultForks(), leastMs = LEAST_TURN_MS) {
    this.#free = count;
    this.#leastMs = leastMs;
    this.#typicalMs = leastMs;
  }

  /**
   * Does it when its turn comes; a request to stop lets it begin at once, to end by itself.
   * @param login is given what ends the turn; one that fails ends it as well.
   */
  async run<T>(login: (end: () => void) => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    const began = performance.now();
    const limit = new AbortController();
    let [holdsTurn, isOver] = [true, false];
    const makeRoom = (): void => {
      if (holdsTurn) this.#release();
      holdsTurn = false;
    };
    const end = (): void => {
      if (!isOver) this.#learn(performance.now() - began);
      isOver = true;
      limit.abort();
      makeRoom();
    };
    void pauseOrAbort(Math.max(this.#leastMs, PATIENCE * this.#typicalMs), limit.signal).then(
      makeRoom,
    );
    try {
      return await login(end);
    } catch (error) {
      // How long a host needs to say no, or to say nothing, tells nothing of the others.
      isOver = true;
      end();
      throw error;
    }
  }

  #learn(tookMs: number): void {
    this.#typicalMs += WEIGHT * (Math.min(tookMs, MOST_TURN_MS) - this.#typicalMs);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#free > 0 || signal.aborted) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => {
      const begin = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        this.#free -= 1;
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(begin);
    });
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
