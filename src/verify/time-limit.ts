import { type Pace } from '../engine/connection.ts';

/**
 * How long a script may take on a host, in milliseconds.
 * @param ownMs what it takes on a host that is reached at once.
 */
export function timeLimitMs({ connectMs, sessionMs }: Pace, ownMs: number): number {
  return ownMs + SLOWNESS * (connectMs + sessionMs);
}

/** A host whose sessions take a second each is given 20 seconds more for what it does in one. */
const SLOWNESS = 20;
