import { cancelled } from '../engine/model/failures/cancellation.ts';

/** What a connection in the making waits for. */
export type ConnectStage = 'answer' | 'key exchange' | 'login';

/** A connection did not get on to its next stage in time. */
export class StalledError extends Error {
  override readonly name = 'StalledError';
  readonly stage: ConnectStage;
  readonly limitMs: number;

  constructor(stage: ConnectStage, limitMs: number) {
    super(`the ${stage} did not come within ${limitMs / 1000} s`);
    this.stage = stage;
    this.limitMs = limitMs;
  }
}

/** Sees to it that a connection in the making comes to an end. */
export interface ConnectWatch {
  /** Rejects with a StalledError or a CancelledError; never resolves. */
  readonly failed: Promise<never>;
  advance(stage: ConnectStage): void;
  stop(): void;
}

/** A host that has answered is alive, and maybe slow: it gets this many times as long again for all the rest. */
const PATIENCE = 3;

/** Gives a host `answerMs` for its first answer, and three times as much from then on until the login is over. */
export function watchConnect({
  host,
  answerMs,
  signal,
}: {
  readonly host: string;
  readonly answerMs: number;
  readonly signal: AbortSignal | undefined;
}): ConnectWatch {
  let stage: ConnectStage = 'answer';
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  // Whoever connects waits for it too; where the connection is made already, there is nobody to tell.
  failed.catch(() => undefined);
  const startTimer = (limitMs: number): NodeJS.Timeout =>
    setTimeout(() => {
      fail(new StalledError(stage, limitMs));
    }, limitMs);
  let timer = startTimer(answerMs);
  const onAbort = (): void => {
    if (signal !== undefined) fail(cancelled(signal, { host, step: 'connect' }));
  };
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted === true) onAbort();
  return {
    failed,
    advance: (next) => {
      if (stage === 'answer') {
        clearTimeout(timer);
        timer = startTimer(PATIENCE * answerMs);
      }
      stage = next;
    },
    stop: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}
