import { type Pace } from '../model/connection.ts';

/** What a reading may take on a host that answers at once, in milliseconds. */
const LEAST_READING_MS = 60_000;
/** What it may take on the slowest: whoever waits longer has forgotten what for. */
const MOST_READING_MS = 900_000;
/** A reading costs a few dozen process starts; a session costs some, too. */
const READING_IN_SESSIONS = 60;
/** Before the first session only the login tells how slow a host is; its arithmetic is worth several process starts. */
const READING_IN_CONNECTIONS = 10;

/** What a person is asked to wait for a confirmation at least, and at most, in seconds. */
const LEAST_CONFIRM_SECONDS = 60;
const MOST_CONFIRM_SECONDS = 600;
/** Two thirds of the window are for the change itself; in the rest, several new connections must fit. */
const CONFIRM_IN_CONNECTIONS = 20;

/**
 * How long a read-only script, or one that only notes something down, may take.
 * @param least what it may take on a fast host.
 * @returns milliseconds: `least` or more on slow hosts, 15 min at most.
 */
export function readingLimitMs({ connectMs, sessionMs }: Pace, least = LEAST_READING_MS): number {
  const measured = Math.max(sessionMs * READING_IN_SESSIONS, connectMs * READING_IN_CONNECTIONS);
  return Math.max(least, Math.min(MOST_READING_MS, Math.round(measured)));
}

/**
 * How long a host waits for the confirmation of a change where nobody has said how long.
 * @returns seconds, 60 to 600.
 */
export function confirmWindowSeconds({ connectMs, sessionMs }: Pace): number {
  const seconds = Math.ceil(((connectMs + sessionMs) * CONFIRM_IN_CONNECTIONS) / 1000);
  return Math.min(MOST_CONFIRM_SECONDS, Math.max(LEAST_CONFIRM_SECONDS, seconds));
}
