import { type LockHolder } from '../detached/host-lock.ts';
import { type RenewableConnection } from '../host/renewable-connection.ts';
import { type StatePaths } from '../host/state-paths.ts';

/** A host that a command is connected to, from the first reading on. */
export interface HostSession {
  readonly connection: RenewableConnection;
  /** Where lvslab's own state lies there. */
  readonly paths: StatePaths;
  /** Boot id of the host when it was read first. */
  readonly boot: string;
  /** Set while this invocation holds the host's lock: a connection that is made again keeps it. */
  readonly lock?: LockHolder;
}

/** The session of a host that this invocation has locked. */
export interface LockedSession extends HostSession {
  readonly lock: LockHolder;
}

/** The same session, its lock left to itself. */
export function withoutLock({ connection, paths, boot }: HostSession): HostSession {
  return { connection, paths, boot };
}
