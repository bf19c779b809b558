import { type Destination } from '../../../src/ipvs/virtual-service.ts';

/**
 * What the kernel's ip_vs_rr.c and ip_vs_wrr.c choose, connection by connection: the list is walked over and over; in
 * wrr the weight that a server must reach falls by the common divisor with each walk.
 */
export function kernelRoundRobin(
  scheduler: 'rr' | 'wrr',
  added: readonly Destination[],
  connections: number,
): readonly Destination[] {
  // A new destination goes to the head of the kernel's list.
  const list = [...added].reverse();
  const weights = list.map(({ weight }) => (scheduler === 'rr' ? Math.min(weight, 1) : weight));
  const step = weights.reduce((a, b) => gcd(a, b), 0);
  const greatest = Math.max(...weights);
  const chosen: Destination[] = [];
  let needed = 0;
  while (chosen.length < connections) {
    needed = needed - step <= 0 ? greatest : needed - step;
    chosen.push(...list.filter((_, i) => (weights[i] ?? 0) >= needed));
  }
  return chosen.slice(0, connections);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
