import { EXIT } from './exit-codes.ts';

/** The first Ctrl-C (or SIGTERM) asks everything to come to a good end; the second leaves at once. */
export function listenForInterruption(tell: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      tell(
        'Left at once: what was under way on the hosts may go on there, and its end is unknown.',
      );
      process.exit(EXIT.interrupted);
    }
    tell('Stopping: the steps that are under way are finished first. Ctrl-C again leaves at once.');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}
