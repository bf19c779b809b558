import { type Invocation, readInvocation } from '../../src/cli/hints/invocation.ts';
import { type ProcessFacts } from '../../src/cli/hints/program-words.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { type Command } from 'commander';

const USUAL = { script: '/opt/lab/bin/lvslab.js', cwd: '/home/me', env: {} };

/** The invocation that these arguments are, read by the real program; nothing is done. */
export async function invocationOf(
  args: readonly string[],
  facts: Partial<ProcessFacts> = {},
): Promise<Invocation> {
  const program = buildProgram();
  let given: Command | undefined;
  const listen = (command: Command): void => {
    command.exitOverride();
    command.commands.forEach(listen);
    if (command.commands.length > 0) return;
    command.action((...called: readonly unknown[]) => {
      given = called.at(-1) as Command;
    });
  };
  listen(program);
  await program.parseAsync([...args], { from: 'user' });
  if (given === undefined) throw new Error(`no command: ${args.join(' ')}`);
  return readInvocation(given, { ...USUAL, ...facts });
}
