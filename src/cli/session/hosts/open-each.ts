import { throwIfCancelled } from '../../../engine/model/failures/cancellation.ts';
import { type Connection } from '../../../engine/model/connection.ts';
import { CancelledError, LvslabError } from '../../../engine/model/failures/errors.ts';
import { type Open } from './open-all.ts';

/** The hosts that could be reached, and why the others could not. */
export interface OpenedEach {
  readonly connections: ReadonlyMap<string, Connection>;
  readonly failures: ReadonlyMap<string, string>;
}

/**
 * Connects to hosts at once, each for itself: one that can't be reached is told, and stops no other.
 * @throws CancelledError when the person asks to stop, with all connections closed; whatever is no LvslabError.
 */
export async function openEach(
  hosts: readonly string[],
  open: Open,
  signal: AbortSignal,
): Promise<OpenedEach> {
  const connections = new Map<string, Connection>();
  const failures = new Map<string, string>();
  const outcomes = await Promise.allSettled(
    [...new Set(hosts)].map(async (host) => {
      try {
        connections.set(host, await open(host, signal));
      } catch (error) {
        if (!(error instanceof LvslabError) || error instanceof CancelledError) throw error;
        failures.set(host, error.message);
      }
    }),
  );
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined && !signal.aborted) return { connections, failures };
  await Promise.allSettled([...connections.values()].map((connection) => connection.close()));
  throwIfCancelled(signal);
  throw failed?.reason;
}
