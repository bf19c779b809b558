import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { type Command } from 'commander';
import { buildProgram } from '../../src/cli/program.ts';
import { RETIRED_WORDS, type RetiredWord } from '../support/retired-words.ts';

const root = new URL('../../', import.meta.url);

/** All that speaks: the code, the pages, and what the program says of itself; by where it stands. */
const texts = new Map<string, string>([
  ...['src', 'docs', 'playbooks'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|md)$/.test(file))
      .map((file) => textOf(`${folder}/${file}`)),
  ),
  ...['README.md', 'SECURITY.md'].map(textOf),
  ...helpOf(buildProgram()),
]);

function textOf(file: string): readonly [string, string] {
  return [file, `${file}\n${readFileSync(new URL(file, root), 'utf8')}`];
}

function helpOf(command: Command): readonly (readonly [string, string])[] {
  const page = [`${command.name()} --help`, command.helpInformation()] as const;
  return [page, ...command.commands.flatMap(helpOf)];
}

/** Where the word stands although it should not, with the line. */
function findings({ word, except = [] }: RetiredWord): readonly string[] {
  return [...texts]
    .filter(([place]) => !except.some((beginning) => place.startsWith(beginning)))
    .flatMap(([place, text]) =>
      text
        .split('\n')
        .filter((line) => word.test(line))
        .map((line) => `${place}: ${line.trim()}`),
    );
}

test('the code, the pages and the help pages are all there', () => {
  expect(texts.size).toBeGreaterThan(300);
  expect(texts.get('teardown --help')).toContain('--keep-packages');
});

test.each(RETIRED_WORDS.map((retired) => [String(retired.word), retired] as const))(
  '%s is said nowhere any more',
  (_, retired) => {
    expect({ sayInstead: retired.term, found: findings(retired) }).toEqual({
      sayInstead: retired.term,
      found: [],
    });
  },
);

test.each(
  RETIRED_WORDS.flatMap(({ word, except = [] }) =>
    except.map((beginning) => [beginning, word] as const),
  ),
)('%s still needs its exception from %s', (beginning, word) => {
  const excepted = [...texts].filter(([place]) => place.startsWith(beginning));
  expect(excepted.some(([, text]) => text.split('\n').some((line) => word.test(line)))).toBe(true);
});
