import { LvslabError } from '../engine/errors.ts';
import { type OutputFlags } from './flags.ts';
import { currentLook } from './screen.ts';

/**
 * Prints an error for a person: what, where, why, and what to do; a stack only for what is our own fault, or when all is
 * asked for. A program that reads the events gets it among them as well.
 */
export async function printError(error: unknown, flags: OutputFlags): Promise<void> {
  const { renderError } = await import('../reporters/render-error.ts');
  const look = currentLook(flags, process.stderr);
  // In a log, a line that is whole can be searched for.
  const width = process.stderr.isTTY ? look.width : Infinity;
  process.stderr.write(`${renderError(error, { ...look, width })}\n`);
  if (flags.json !== true || !(error instanceof LvslabError)) return;
  const { jsonErrorLine } = await import('../reporters/json-reporter.ts');
  process.stdout.write(jsonErrorLine(error, Date.now()));
}
