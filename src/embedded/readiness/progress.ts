import { type VitalSigns } from './vital-signs.ts';

/** How a host stands that is not ready yet: it goes on, or there is no sense in waiting for it. */
export type Standing = 'working' | 'ended' | 'idle' | 'spent';

export interface Patience {
  /** Milliseconds without any sign of work until a host counts as idle. */
  readonly idleMs: number;
  /** Milliseconds of processor time, many times what a boot takes, after which a host counts as stuck. */
  readonly usedMs: number;
}

/**
 * Below this part of the time a host does nothing but keep its clock. Waiting for a processor counts as work: on a busy
 * machine a host that boots is kept waiting most of the time.
 */
const AT_WORK = 0.05;

/** Tells from vital signs, read again and again, whether a host makes progress. Times are milliseconds. */
export class Progress {
  readonly #began: VitalSigns;
  #last: VitalSigns;
  #lastAt: number;
  #workedAt: number;

  constructor(signs: VitalSigns, now: number) {
    this.#began = signs;
    this.#last = signs;
    this.#lastAt = now;
    this.#workedAt = now;
  }

  standing(signs: VitalSigns, now: number, patience: Patience): Standing {
    const worked = signs.workedMs - this.#last.workedMs > AT_WORK * (now - this.#lastAt);
    if (worked || signs.consoleBytes !== this.#last.consoleBytes) this.#workedAt = now;
    this.#last = signs;
    this.#lastAt = now;
    if (!signs.isAlive) return 'ended';
    if (signs.usedMs - this.#began.usedMs > patience.usedMs) return 'spent';
    return now - this.#workedAt > patience.idleMs ? 'idle' : 'working';
  }
}
