import { LvslabError } from '../../engine/model/failures/errors.ts';
import { type OutputFlags } from '../flags.ts';
import { withTypableHint } from '../hints/completing-reporter.ts';
import { currentLook } from './screen.ts';

/**
 * Prints an error for a person: what, where, why, and what to do; a stack only for what is our own fault, or when all is
 * asked for. A program that reads the events gets it among them as well.
 */
export async function printError(error: unknown, flags: OutputFlags): Promise<void> {
  const { renderError } = await import('../../reporters/render/render-error.ts');
  const look = currentLook(flags, process.stderr);
  // In a log, a line that is whole can be searched for.
  const width = process.stderr.isTTY ? look.width : Infinity;
  const { invocation } = flags;
  const typable =
    error instanceof LvslabError && invocation !== undefined
      ? withTypableHint(error, invocation)
      : error;
  const text = renderError(typable, { ...look, width });
  // What asks for a report names a command, too.
  const completed = typable === error ? (invocation?.complete(text) ?? text) : text;
  process.stderr.write(`${completed}\n`);
  if (flags.json !== true || !(typable instanceof LvslabError)) return;
  const { jsonErrorLine } = await import('../../reporters/json-reporter.ts');
  process.stdout.write(jsonErrorLine(typable, Date.now()));
}
