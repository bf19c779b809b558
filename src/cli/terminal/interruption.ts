import { setMaxListeners } from 'node:events';
import { writeSync } from 'node:fs';
import { EXIT } from '../exit-codes.ts';

/** The person's, or another program's, request to stop. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Ends the listening: a signal then does what it does to any program. */
  readonly stop: () => void;
}

/**
 * Listens for Ctrl-C and SIGTERM: the first asks everything to come to a good end, the second leaves at once.
 * @param running the running steps, in words; '' for none.
 */
export function listenForInterruption(
  tell: (text: string) => void,
  running: () => string,
): Interruption {
  const controller = new AbortController();
  // Each host listens, and there may be hundreds.
  setMaxListeners(0, controller.signal);
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      // Past the reporter, which would show it with the next picture of the screen: there is none.
      writeSync(process.stderr.fd, `\n${whatIsUnknown(running())}\n`);
      process.exit(EXIT.interrupted);
    }
    tell(whatIsDone(running()));
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

function whatIsDone(running: string): string {
  return running === ''
    ? 'Stopping. Ctrl-C again leaves at once.'
    : `Stopping: what is running is finished first: ${running}. Ctrl-C again leaves at once.`;
}

function whatIsUnknown(running: string): string {
  return running === ''
    ? 'Left at once: no step was running.'
    : `Left at once. How these end is unknown, for they go on: ${running}. The same command adopts their jobs.`;
}
