import { type Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';

/** The program without its deeds: it only reads its arguments. */
export function quietProgram(write: (text: string) => void): Command {
  return quiet(buildProgram(), write);
}

/** What the real program says against these arguments; '' when they can be given. */
export async function complaintsAbout(words: readonly string[]): Promise<string> {
  let said = '';
  const program = quietProgram((text) => {
    said += text;
  });
  await program.parseAsync(words, { from: 'user' }).catch(() => undefined);
  return said;
}

function quiet(command: Command, write: (text: string) => void): Command {
  command.configureOutput({ writeOut: write, writeErr: write }).exitOverride();
  for (const child of command.commands) quiet(child, write);
  if (command.commands.length === 0) command.action(() => undefined);
  return command;
}
