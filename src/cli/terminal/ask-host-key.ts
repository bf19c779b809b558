import { kill, pid } from 'node:process';
import { CancelledError } from '../../engine/model/failures/errors.ts';
import { printable } from '../../reporters/text/printable-text.ts';
import { type NewHostKey } from '../../transport/keys/accepted-host-keys.ts';
import { isPromptEnd } from './prompt-end.ts';

/**
 * Asks whether the key of a host that is seen for the first time is the right one, in the words of ssh: yes, no, or the
 * fingerprint itself, which is compared.
 * @throws CancelledError on Ctrl-C, which stops the whole run.
 */
export async function askHostKey(
  { host, name, fingerprint }: NewHostKey,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { default: inquirer } = await import('inquirer');
  const output = process.stdout.isTTY ? process.stdout : process.stderr;
  const [type = '', hash = ''] = fingerprint.split(' ');
  output.write(
    `${[
      `The authenticity of host '${host}' (${name}) can't be established.`,
      `${type} key fingerprint is ${hash}.`,
    ]
      .map(printable)
      .join('\n')}\n`,
  );
  const prompt = inquirer.createPromptModule({ output, ...(signal !== undefined && { signal }) });
  const validate = (typed: string): string | true =>
    answerOf(typed, hash) !== undefined || "Type 'yes', 'no' or the fingerprint.";
  try {
    const { typed } = await prompt<{ typed: string }>([
      {
        type: 'input',
        name: 'typed',
        message: `Connect to ${printable(host)} (yes/no/[fingerprint])?`,
        validate,
      },
    ]);
    return answerOf(typed, hash) ?? false;
  } catch (cause) {
    if (!isPromptEnd(cause)) throw cause;
    // The terminal gave the Ctrl-C to the question; it is meant for the run, whose other hosts are still at work.
    if (signal?.aborted !== true) kill(pid, 'SIGINT');
    throw new CancelledError('stopped at the question about its key', {
      host,
      step: 'connect',
      cause,
    });
  }
}

/** undefined where it is no answer. */
function answerOf(typed: string, hash: string): boolean | undefined {
  const answer = typed.trim();
  if (/^yes$/i.test(answer) || answer === hash) return true;
  if (/^no$/i.test(answer)) return false;
  return undefined;
}
