import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { rules } from '../../../src/diagnose/rules/rules.ts';
import { faults } from '../../../src/faults/faults.ts';

const folder = path.join(import.meta.dirname, '../../../docs/why');
const pageOf = (page: string): string => readFileSync(path.join(folder, `${page}.md`), 'utf8');

test('there is a page for each cause, all of them in the list, and none for anything else', () => {
  const pages = rules.map(({ page }) => `${page}.md`);
  expect(readdirSync(folder).toSorted()).toEqual([...pages, 'README.md'].toSorted());
  const list = pageOf('README');
  expect(rules.filter(({ id, page }) => !list.includes(`[${id}](${page}.md)`))).toEqual([]);
});

describe.each(rules)('$id', ({ id, title, page, modes, protocol, hints }) => {
  test('its page says what is seen, why, how to see it and what mends it', () => {
    const text = pageOf(page);
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(text.split('\n')[0]?.toLowerCase()).toBe(`# ${id}: ${title}`.toLowerCase());
    expect(headings.slice(0, 4)).toEqual([
      'What you see',
      'Why',
      'How to see it by hand',
      'What mends it',
    ]);
    expect(headings.includes('Try it')).toBe(faults.some((fault) => fault.id === id));
    expect(text.includes('In every mode.')).toBe(modes.length === 3);
    expect(text.includes('Services over TCP alone.')).toBe(protocol === 'tcp');
  });

  test('has hints, each a question', () => {
    expect(hints.length).toBeGreaterThan(0);
    for (const hint of hints) expect(hint).toMatch(/[?.:`]/);
  });
});

test('a fault is named after the cause that it is, and made where that can be', () => {
  for (const { id, modes } of faults) {
    const rule = rules.find((one) => one.id === id);
    expect({ id, modes: modes.filter((mode) => rule?.modes.includes(mode) !== true) }).toEqual({
      id,
      modes: [],
    });
  }
  expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length);
});
