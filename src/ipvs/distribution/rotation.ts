import { type Destination, endpoint } from '../virtual-service.ts';

/** The repeating pattern of a round-robin scheduler: any `length` connections in a row hold each server `share` times. */
export interface Rotation {
  readonly length: number;
  /** By endpoint; servers of weight 0 are not in it. */
  readonly shares: ReadonlyMap<string, number>;
}

/** The rotation in which `rr` (weights don't count) or `wrr` chooses among the servers that take connections. */
export function rotationOf(scheduler: 'rr' | 'wrr', servers: readonly Destination[]): Rotation {
  const weights = servers.map(({ weight }) => (scheduler === 'rr' ? 1 : weight));
  const divisor = weights.reduce(greatestCommonDivisor, 0);
  const shares = new Map(
    servers.map((server, i) => [endpoint(server), (weights[i] ?? 0) / Math.max(divisor, 1)]),
  );
  return { length: [...shares.values()].reduce((sum, share) => sum + share, 0), shares };
}

/**
 * The first place where `order` leaves the rotation, wherever in the rotation it began, as an index; undefined when it
 * never does.
 */
export function leavesRotation(
  rotation: Rotation,
  order: readonly (string | null)[],
): number | undefined {
  const inWindow = new Map<string | null, number>();
  for (const [i, server] of order.entries()) {
    const left = order[i - rotation.length];
    if (left !== undefined) inWindow.set(left, (inWindow.get(left) ?? 0) - 1);
    const count = (inWindow.get(server) ?? 0) + 1;
    if (server === null || count > (rotation.shares.get(server) ?? 0)) return i;
    inWindow.set(server, count);
  }
  return undefined;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
