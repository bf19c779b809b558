import { CancelledError } from '../engine/errors.ts';
import { EXIT } from './exit-codes.ts';
import { type OutputFlags } from './flags.ts';
import { printError } from './print-error.ts';

/** Runs a command and turns whatever it throws into a message and an exit status. */
export async function runCommand(
  command: () => Promise<number>,
  flags: OutputFlags = {},
): Promise<number> {
  try {
    return await command();
  } catch (error) {
    await printError(error, flags);
    return isInterruption(error) ? EXIT.interrupted : EXIT.failed;
  }
}

/** An AbortError is what Node's own waits throw when the signal of an interruption reaches them. */
function isInterruption(error: unknown): boolean {
  return error instanceof CancelledError || (error instanceof Error && error.name === 'AbortError');
}
