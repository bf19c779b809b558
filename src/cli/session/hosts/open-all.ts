import { setMaxListeners } from 'node:events';
import { throwIfCancelled } from '../../../engine/model/failures/cancellation.ts';
import { type Connection } from '../../../engine/model/connection.ts';
import { CancelledError, LvslabError } from '../../../engine/model/failures/errors.ts';
import { type HostFailure } from '../../../engine/model/plan.ts';

/** Opens the connection to one host; gives up when the signal asks for it. */
export type Open = (host: string, signal: AbortSignal) => Promise<Connection>;

/** All hosts with their connections; or none of them, and all that is wrong. */
export type Opened =
  | { readonly connections: ReadonlyMap<string, Connection> }
  | { readonly failures: readonly HostFailure[] };

/** How long the others may still take once a host has failed: enough to tell what is wrong with them, too. */
const GRACE_MS = 2000;

/**
 * Connects to all hosts at once. When one fails, the others are given up `graceMs` later, and every connection that was
 * made is closed: nothing outlives the call.
 * @throws CancelledError when the person asks to stop; whatever is no LvslabError.
 */
export async function openAll(
  hosts: readonly string[],
  open: Open,
  signal: AbortSignal,
  graceMs = GRACE_MS,
): Promise<Opened> {
  const enough = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const either = AbortSignal.any([signal, enough.signal]);
  // Each host listens, and there may be hundreds.
  setMaxListeners(0, either);
  const connections = new Map<string, Connection>();
  const failures = new Map<string, unknown>();
  await Promise.all(
    [...new Set(hosts)].map(async (host) => {
      try {
        connections.set(host, await open(host, either));
      } catch (error) {
        failures.set(host, error);
        grace ??= setTimeout(() => {
          enough.abort();
        }, graceMs);
      }
    }),
  );
  clearTimeout(grace);
  if (failures.size === 0 && !signal.aborted) return { connections };
  await Promise.allSettled([...connections.values()].map((connection) => connection.close()));
  throwIfCancelled(signal);
  const inOrder = hosts.filter((host) => failures.has(host));
  return { failures: inOrder.flatMap((host) => toTell(host, failures.get(host))) };
}

/** What was given up because of another host is no failure of its own. */
function toTell(host: string, error: unknown): readonly HostFailure[] {
  if (!(error instanceof LvslabError)) throw error;
  return error instanceof CancelledError ? [] : [{ host, error }];
}
