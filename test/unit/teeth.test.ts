import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { edited } from '../teeth/copied-sources.ts';
import { devices } from '../teeth/devices.ts';
import { mistakes } from '../teeth/mistakes.ts';

const sabotages = [...devices.flatMap(({ off }) => off), ...mistakes];

const textOf = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test.each(sabotages.map((sabotage) => [sabotage.what, sabotage] as const))(
  'what makes it wrong stands in the sources once, and the test is there: %s',
  (_what, { edits, test: { file, name } }) => {
    for (const edit of edits) {
      const text = textOf(edit.file);
      expect(edited(text, edit)).not.toBe(text);
    }
    expect(textOf(file)).toContain(name);
  },
);
