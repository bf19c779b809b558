import { CancelledError } from '../engine/errors.ts';
import { EXIT } from './exit-codes.ts';
import { printError } from './print-error.ts';

/** Runs a command and turns whatever it throws into a message and an exit status. */
export async function runCommand(command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    await printError(error);
    return isInterruption(error) ? EXIT.interrupted : EXIT.failed;
  }
}

function isInterruption(error: unknown): boolean {
  return (
    error instanceof CancelledError ||
    (error instanceof Error && ['AbortError', 'ExitPromptError'].includes(error.name))
  );
}
