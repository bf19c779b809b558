import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

import { detectPlatform } from '../../../src/platforms/detect-platform.ts';
import { type Facts } from '../../../src/platforms/facts/facts.ts';
import { parseFacts } from '../../../src/platforms/facts/parse-facts.ts';
import { systems } from '../../../src/platforms/releases/systems.ts';

interface Case {
  readonly title: string;
  readonly text: string;
  readonly platform?: string;
  readonly says?: string;
  readonly tools?: readonly string[];
}

const recorded = readFileSync('test/cases/facts/el7.txt', 'utf8');

function casesOf(file: string): readonly Case[] {
  return parse(readFileSync(`test/cases/os-releases/${file}.yml`, 'utf8')) as readonly Case[];
}

/** The facts of the recorded host, had it this os-release and these programs. */
function factsWith({ text, tools }: Case): Facts {
  const indented = text.split('\n').map((line) => ` ${line}`);
  const whole = ['os-release', ...indented].join('\n');
  const facts = parseFacts(recorded.replace(/^os-release\n( .*\n)*/, () => `${whole}\n`));
  return tools === undefined ? { ...facts, tools: new Set() } : { ...facts, tools: new Set(tools) };
}

const known = casesOf('known');

test.each(known)('$title is $platform', (one) => {
  expect(detectPlatform(factsWith(one)).name).toBe(one.platform);
});

test.each(casesOf('refused'))('$title is refused', (one) => {
  expect(() => detectPlatform(factsWith(one))).toThrow(
    expect.objectContaining({
      code: 'E_PLATFORM',
      message: expect.stringContaining(one.says ?? '?'),
    }),
  );
});

test('every release has its os-release among the cases, but for those that nobody has published one of', () => {
  const names = systems.flatMap(({ id, releases }) =>
    releases.map(({ version }) => `${id}${version}`.toLowerCase()),
  );
  const tried = new Set(known.map(({ platform }) => platform));
  expect(names.filter((name) => !tried.has(name))).toEqual(['ol10']);
});
