/** How requests of a probe ended that brought no page. */
interface LostRequests {
  /** curl's exit status 7. */
  readonly refused: number;
  /** curl's exit status 28. */
  readonly timedOut: number;
  /** Anything else: reset, another HTTP status than 200, cut off. */
  readonly otherwise: number;
}

/** A stretch of the time that was watched: from one mark to the next. */
export interface ProbePeriod {
  /** Milliseconds since the probe began. */
  readonly since: number;
  readonly until: number;
  /** What was done then. */
  readonly what: string;
  /** How many were to begin in it. */
  readonly requests: number;
  readonly lost: number;
  /** The longest time in it without an answer, in milliseconds. */
  readonly longestGapMs: number;
  /** A character for each slice of the time: '.' all answered, '+' some lost, '#' all lost, '_' none asked. */
  readonly timeline: string;
}

/** A connection that was held open, and broke. */
export interface BrokenConnection {
  /** Which of them, counted from 1. */
  readonly held: number;
  /** Milliseconds since the probe began. */
  readonly at: number;
  readonly how: 'closed' | 'silent';
}

/** What became of traffic that went on all the time. */
export interface ProbeReport {
  /** Milliseconds between the planned starts of two requests. */
  readonly intervalMs: number;
  readonly requests: number;
  readonly answered: number;
  readonly lost: LostRequests;
  /** The longest time without an answer while it was not paused, in milliseconds. */
  readonly longestGapMs: number;
  /** From the planned start to the answer, in milliseconds; not set where none was answered. */
  readonly latencyMs?: { readonly median: number; readonly slowest: number };
  /** How many connections were held open at first. */
  readonly held: number;
  readonly broken: readonly BrokenConnection[];
  readonly periods: readonly ProbePeriod[];
}
