import { CancelledError } from '../engine/model/failures/errors.ts';
import { EXIT } from './exit-codes.ts';
import { type OutputFlags } from './flags.ts';
import { printError } from './terminal/print-error.ts';

/** Runs a command and turns whatever it throws into a message and an exit status. */
export async function runCommand(
  command: () => Promise<number>,
  output: OutputFlags = {},
): Promise<number> {
  try {
    return await command();
  } catch (error) {
    await printError(error, output);
    return error instanceof CancelledError ? EXIT.interrupted : EXIT.failed;
  }
}
