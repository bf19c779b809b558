import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Command } from 'commander';
import { expect, test } from '@jest/globals';
import { buildProgram } from '../../src/cli/program.ts';
import { complaintsAbout, quietProgram } from '../support/parse-command.ts';

/** Every command that does something, with those that it belongs to in front: ['lab', 'up']. */
function commandsIn(command: Command, names: readonly string[] = []): readonly string[][] {
  return command.commands.flatMap((child) => {
    const path = [...names, child.name()];
    return child.commands.length === 0 ? [path] : commandsIn(child, path);
  });
}

/** What `lvslab … --help` prints, all of it. */
async function helpOf(names: readonly string[]): Promise<string> {
  let text = '';
  const program = quietProgram((part) => {
    text += part;
  });
  await expect(program.parseAsync([...names, '--help'], { from: 'user' })).rejects.toMatchObject({
    exitCode: 0,
  });
  return text;
}

/** The words of an example, as a shell would part them; what it does with the output is left out. */
function wordsOf(line: string): readonly string[] {
  const [command = ''] = line.split(/ [>#|] | {2,}/);
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
}

async function expectToParse(line: string): Promise<void> {
  const [, ...words] = wordsOf(line);
  expect({ line, said: await complaintsAbout(words) }).toEqual({ line, said: '' });
}

const commands = commandsIn(buildProgram());

test.each(commands.map((names) => [names.join(' '), names] as const))(
  'the help of %s has examples, and they can be typed',
  async (_name, names) => {
    const [, examples = ''] = (await helpOf(names)).split('\nExamples:\n');
    const lines = examples.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(wordsOf(line).slice(0, names.length + 1)).toEqual(['lvslab', ...names]);
      await expectToParse(line);
    }
  },
);

test('the commands that the pages show can be typed', async () => {
  const root = path.join(import.meta.dirname, '../..');
  const pages = [
    'README.md',
    ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`),
  ];
  const shown = pages
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => {
      const page = readFileSync(path.join(root, name), 'utf8');
      const blocks = [...page.matchAll(/^```\n([^]*?)^```$/gm)].flatMap(([, text = '']) =>
        text.split('\n'),
      );
      const inline = [...page.matchAll(/`((?:lvslab|bin\/lvslab\.js) [^`]*)`/g)].map(
        ([, text = '']) => text.replaceAll('\n', ' '),
      );
      return [...blocks, ...inline];
    })
    .filter((line) => /^(lvslab|bin\/lvslab\.js) [a-z]/.test(line))
    // 'lvslab COMMAND --help' stands for all of them; a command alone is only named.
    .filter((line) => wordsOf(line).slice(2).join('') !== '' && !/[A-Z]{4}|…/.test(line));
  expect(shown.length).toBeGreaterThan(10);
  for (const line of shown) await expectToParse(line);
});
