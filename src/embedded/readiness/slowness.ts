import { sh } from '../../engine/model/shell/script.ts';
import { askProgram } from '../machine/programs.ts';

/** Starts, and counts for as long as it takes to be sent away from a busy processor a few times. */
/** Keeps one processor busy for a moment. */
export const countScript = sh`i=0; while [ "$i" -lt 50000 ]; do i=$((i + 1)); done`;
/** What that takes on a machine that has nothing else to do. */
const QUIET_MS = 60;
const MOST = 50;

/**
 * How many times slower than a quiet machine this one is now, 1–50: limits of time are multiplied by it.
 * @throws CancelledError
 */
export async function measureSlowness(signal?: AbortSignal): Promise<number> {
  const began = performance.now();
  await askProgram(['sh', '-c', countScript.text], { signal, limitMs: QUIET_MS * MOST });
  return Math.min(MOST, Math.max(1, (performance.now() - began) / QUIET_MS));
}
