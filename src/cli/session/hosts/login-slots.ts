import { availableParallelism } from 'node:os';
import { pauseOrAbort } from '../../../engine/model/failures/cancellation.ts';

/** The arithmetic of a login keeps a core busy for a while; of these, one core does several a second. */
const LOGINS_PER_CORE = 8;
/** What a login may take until the next one need not wait for it: a host that says nothing takes none of our time. */
const TURN_MS = 1500;

/** How many logins begin at the same time where nobody has said how many. */
function defaultForks(): number {
  return LOGINS_PER_CORE * availableParallelism();
}

/**
 * Lets logins begin a few at a time, so that many hosts don't wait for each other's arithmetic until the limits of time of
 * all of them are over. A login that takes long keeps nobody waiting.
 */
export class LoginSlots {
  readonly #turnMs: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  /** @param count 1 or more. */
  constructor(count = defaultForks(), turnMs = TURN_MS) {
    this.#free = count;
    this.#turnMs = turnMs;
  }

  /** Does it when its turn comes; a request to stop lets it begin at once, to end by itself. */
  async run<T>(login: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    let isBusy = true;
    const free = (): void => {
      if (isBusy) this.#release();
      isBusy = false;
    };
    const over = new AbortController();
    void pauseOrAbort(this.#turnMs, over.signal).then(free);
    try {
      return await login();
    } finally {
      over.abort();
      free();
    }
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
