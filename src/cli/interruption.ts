import { writeSync } from 'node:fs';
import { EXIT } from './exit-codes.ts';

/** The first Ctrl-C (or SIGTERM) asks everything to come to a good end; the second leaves at once. */
export function listenForInterruption(
  tell: (text: string) => void,
  underWay: () => string,
): AbortSignal {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      // Past the reporter, which would show it with the next picture of the screen: there is none.
      writeSync(process.stderr.fd, `\n${whatIsUnknown(underWay())}\n`);
      process.exit(EXIT.interrupted);
    }
    tell('Stopping: the steps that are under way are finished first. Ctrl-C again leaves at once.');
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return controller.signal;
}

function whatIsUnknown(underWay: string): string {
  return underWay === ''
    ? 'Left at once: no step was under way.'
    : `Left at once. How these end is unknown, for they go on: ${underWay}. The same command picks them up.`;
}
