import { availableParallelism } from 'node:os';
import { pauseOrAbort } from '../../../engine/model/failures/cancellation.ts';

/** With so many hosts at a time the arithmetic of logins leaves no core idle, however far the hosts are. */
const MOST_PER_CORE = 16;
/** With so many it begins, and never does with fewer. */
const FIRST_PER_CORE = 4;
/** While turns take no more than so many times the shortest one, there may be one more at a time. */
const STILL_FAST = 2;
/** Where one takes more, hosts share a processor with each other, or with us: one less at a time. */
const TOO_SLOW = 4;
/**
 * What a turn may take at least until another host need not wait for it: one that says nothing takes none of our time. One host in
 * this time, though, for where all take long, it is we who are slow, and with more at a time it would only get worse.
 */
const LEAST_TURN_MS = 1500;
/** So many times as long as turns take. */
const PATIENCE = 3;
/** A person's answer may be part of a turn; no longer than this is it taken for slowness. */
const MOST_TURN_MS = 20_000;
/** How much of what is typical the last turn tells. */
const WEIGHT = 1 / 4;

/** How many turns there are at a time: at first and at least, and at most. */
export interface TurnLimits {
  readonly first: number;
  readonly most: number;
}

/** @param forks how many at most, 1 or more, where somebody has said so. */
function limitsFor(forks: number | undefined): TurnLimits {
  const cores = availableParallelism();
  const most = forks ?? MOST_PER_CORE * cores;
  return { first: Math.min(most, FIRST_PER_CORE * cores), most };
}

/**
 * Lets a few hosts at a time begin: a turn is the login and the first session, in which a host is read. Many hosts don't wait for
 * each other then until the limits of time of all of them are over, and a host that takes long keeps nobody waiting. How many have
 * their turn at a time follows from how long turns take, as with the window of a TCP connection: hosts that are far away take as
 * long with many as with few, those that share a processor don't.
 */
export class HostTurns {
  readonly #leastMs: number;
  readonly #limits: TurnLimits;
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  /** How many may be busy at present. */
  #limit: number;
  /** What a turn takes, in milliseconds, as the last ones tell, and took at best. */
  #typicalMs: number;
  #shortestMs = Infinity;
  /** When room was made last for a host in spite of one that still has its turn. */
  #sparedAt = -Infinity;

  constructor(limits: TurnLimits, leastMs = LEAST_TURN_MS) {
    this.#limits = limits;
    this.#limit = limits.first;
    this.#leastMs = leastMs;
    this.#typicalMs = leastMs;
  }

  /** @param forks how many at a time at most; sixteen for each core of this machine unless told. */
  static forForks(forks: number | undefined): HostTurns {
    return new HostTurns(limitsFor(forks));
  }

  /**
   * Does it when its turn comes; a request to stop lets it begin at once, to end by itself.
   * @param login is given what ends the turn; one that fails ends it as well.
   */
  async run<T>(login: (end: () => void) => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    const began = performance.now();
    const limit = new AbortController();
    let [isBusy, isOver] = [true, false];
    const makeRoom = (): void => {
      if (isBusy) this.#busy -= 1;
      isBusy = false;
      this.#letIn();
    };
    const end = (): void => {
      if (!isOver) this.#learn(Math.min(performance.now() - began, MOST_TURN_MS));
      isOver = true;
      limit.abort();
      makeRoom();
    };
    void this.#patience(limit.signal).then(makeRoom);
    try {
      return await login(end);
    } catch (error) {
      // How long a host needs to say no, or to say nothing, tells nothing of the others.
      isOver = true;
      end();
      throw error;
    }
  }

  /** Waits until a turn has taken too long, and no other one has just been said to have. */
  async #patience(isOver: AbortSignal): Promise<void> {
    await pauseOrAbort(Math.max(this.#leastMs, PATIENCE * this.#typicalMs), isOver);
    while (!isOver.aborted && performance.now() - this.#sparedAt < this.#leastMs)
      await pauseOrAbort(this.#leastMs, isOver);
    if (!isOver.aborted) this.#sparedAt = performance.now();
  }

  #learn(tookMs: number): void {
    this.#typicalMs += WEIGHT * (tookMs - this.#typicalMs);
    this.#shortestMs = Math.min(this.#shortestMs, tookMs);
    const slower = tookMs / this.#shortestMs;
    const { first, most } = this.#limits;
    if (slower <= STILL_FAST) this.#limit = Math.min(most, this.#limit + 1);
    else if (slower > TOO_SLOW) this.#limit = Math.max(first, this.#limit - 1);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (this.#busy < this.#limit || signal.aborted) {
      this.#busy += 1;
      return;
    }
    await new Promise<void>((resolve) => {
      const begin = (): void => {
        signal.removeEventListener('abort', stop);
        this.#busy += 1;
        resolve();
      };
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        this.#busy += 1;
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(begin);
    });
  }

  #letIn(): void {
    while (this.#busy < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next();
    }
  }
}
