import { cancelled } from '../engine/model/failures/cancellation.ts';

interface Shared<T> {
  readonly result: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
}

/** Work that several ask for at the same time and is done once; it is stopped when nobody waits for it any more. */
export class SharedWork<T> {
  readonly #running = new Map<string, Shared<T>>();

  /**
   * The result of the work that is called so: of what goes on now, or of `begin`.
   * @throws CancelledError as soon as `signal` fires; what `begin` throws.
   */
  async share(
    name: string,
    signal: AbortSignal,
    begin: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (signal.aborted) throw cancelled(signal, { step: 'download' });
    const shared = this.#running.get(name) ?? this.#begin(name, begin);
    shared.waiting += 1;
    let onAbort: (() => void) | undefined;
    try {
      return await Promise.race([
        shared.result,
        new Promise<never>((_, reject) => {
          onAbort = () => {
            reject(cancelled(signal, { step: 'download' }));
          };
          signal.addEventListener('abort', onAbort, { once: true });
        }),
      ]);
    } finally {
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
      shared.waiting -= 1;
      if (shared.waiting === 0) await this.#end(name, shared);
    }
  }

  #begin(name: string, begin: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const abort = new AbortController();
    const shared: Shared<T> = { result: begin(abort.signal), abort, waiting: 0 };
    this.#running.set(name, shared);
    return shared;
  }

  /** Waits until what was stopped has cleared up behind itself. */
  async #end(name: string, { result, abort }: Shared<T>): Promise<void> {
    this.#running.delete(name);
    abort.abort();
    await result.then(
      () => undefined,
      () => undefined,
    );
  }
}
