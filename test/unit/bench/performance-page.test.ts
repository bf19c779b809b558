import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readResults } from '../../../bench/measure/result-files.ts';
import { CHART, PAGE, renderPage } from '../../../bench/report/page.ts';

test.each([PAGE, CHART])('%s is what the bench makes of its results', (file) => {
  expect(readFileSync(file, 'utf8')).toBe(renderPage(readResults())[file]);
});

test('every kept result is one that the page shows', () => {
  const kept = readdirSync('bench/results').map((name) => name.replace(/\.json$/, ''));
  expect(kept.sort()).toEqual(
    readResults()
      .map(({ part }) => part)
      .sort(),
  );
});

test('every file of the bench that the page names is there', () => {
  const named = readFileSync(PAGE, 'utf8').match(/(?:bench|playbooks)\/[\w./-]+\w/g) ?? [];
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
});

test('the page tells neither where it was made nor by whom', () => {
  const text = readFileSync(PAGE, 'utf8') + JSON.stringify(readResults());
  expect(text).not.toMatch(/\/(?:home|root|tmp|work|var)\//);
  expect(text).not.toMatch(/\b\d+\.\d+\.\d+\.\d+\b/);
});
