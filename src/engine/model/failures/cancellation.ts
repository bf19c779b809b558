import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledError, type LvslabErrorOptions } from './errors.ts';

type Where = Pick<LvslabErrorOptions, 'host' | 'step' | 'hint' | 'cause'>;

/** The one error that a request to stop ends in, whoever notices it. */
export function cancelled(signal: AbortSignal, where: Where = {}): CancelledError {
  const { reason } = signal as { readonly reason: unknown };
  if (reason instanceof CancelledError) return reason;
  // That an operation was aborted says no more than the message does.
  const isPlain = reason instanceof Error && reason.name === 'AbortError';
  return new CancelledError('stopped on request', { ...(!isPlain && { cause: reason }), ...where });
}

/** @throws CancelledError when the person has asked to stop. */
export function throwIfCancelled(signal: AbortSignal, where: Where = {}): void {
  if (signal.aborted) throw cancelled(signal, where);
}

/**
 * Waits.
 * @param milliseconds 0 or more.
 * @throws CancelledError as soon as the person asks to stop.
 */
export async function pause(
  milliseconds: number,
  signal: AbortSignal | undefined,
  where: Where = {},
): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    throw signal?.aborted === true ? cancelled(signal, where) : error;
  }
}

/** Waits until the time is over or the signal fires, whichever comes first; rejects for neither. */
export async function pauseOrAbort(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
