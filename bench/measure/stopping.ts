const stopping = new AbortController();

/** Fires when the person asks to stop: what runs is ended then, and each part removes what it made. */
export const stopSignal = stopping.signal;

/** From now on, Ctrl-C and a request to end do not end the bench at once. */
export function stopOnSignals(): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      stopping.abort(new Error('stopped'));
    });
  }
}
