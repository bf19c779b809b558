import { type LabIdentity } from '../embedded-lab.ts';
import { type LabHostSpec } from '../lab/lab-hosts.ts';

/** Where a host is looked at, and how long one look may take. */
interface Look {
  readonly lab: LabIdentity;
  readonly host: LabHostSpec;
  /** Milliseconds; the next look may take longer, until one is long enough for a host that is slow. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/**
 * One notion of "ready". Each has a file of its own beside this one. What was left out, and why:
 * - The port takes connections: systemd or QEMU may take them before anybody answers there.
 * - The host answers a ping: its kernel does, long before its services.
 * - A line on the console: each system words it in its own way, and a quiet boot prints none.
 * - READY=1 on a notification socket: it comes before the network is up, and Node has no datagram sockets for it.
 * - So many seconds have gone by: a busy machine needs more of them.
 */
export interface Readiness<T> {
  /** What is waited for, for the screen: 'SSH'. */
  readonly name: string;
  /** How long the first look may take, milliseconds. */
  readonly firstLookMs: number;
  /** Looks once; undefined where the host is not ready yet. Throws CancelledError when the signal ends it. */
  readonly look: (where: Look) => Promise<T | undefined>;
}
