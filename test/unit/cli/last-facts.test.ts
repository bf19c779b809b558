import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { lastFactsIn } from '../../../src/cli/session/last-facts.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lvslab-facts-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function onlyFile(): string {
  const [name = ''] = readdirSync(folder);
  return path.join(folder, name);
}

test('facts come back as they were kept, for their own host alone, and only this user can read them', async () => {
  const facts = 'kernel\n 6.1\nhostname\n ü\u0000';
  await lastFactsIn(folder, '../rs1').keep(facts);
  expect(await lastFactsIn(folder, '../rs1').read()).toBe(facts);
  expect(await lastFactsIn(folder, 'rs2').read()).toBeUndefined();
  expect(readdirSync(folder)).toHaveLength(1);
  expect(statSync(onlyFile()).mode & 0o777).toBe(0o600);
});

test.each([
  ['nothing', ''],
  ['no JSON', '{"version":1'],
  ['another version', '{"version":2,"host":"rs1","facts":"x"}'],
  ["another host's", '{"version":1,"host":"rs2","facts":"x"}'],
  ['facts that are no text', '{"version":1,"host":"rs1","facts":["x"]}'],
  ['more than facts', '{"version":1,"host":"rs1","facts":"x","script":"id"}'],
  ['too many', JSON.stringify({ version: 1, host: 'rs1', facts: 'x'.repeat(600_000) })],
  ['more than would be read', ' '.repeat(2_100_000)],
])('what is there and is %s counts as nothing', async (_what, text) => {
  const facts = lastFactsIn(folder, 'rs1');
  await facts.keep('good');
  writeFileSync(onlyFile(), text);
  expect(await facts.read()).toBeUndefined();
  await facts.keep('good again');
  expect(await facts.read()).toBe('good again');
});

test('a folder that is gone is no failure, and facts that are too long are not kept', async () => {
  const gone = lastFactsIn(path.join(folder, 'gone'), 'rs1');
  await gone.keep('good');
  expect(await gone.read()).toBeUndefined();
  const facts = lastFactsIn(folder, 'rs1');
  await facts.keep('good');
  const before = readFileSync(onlyFile(), 'utf8');
  await facts.keep('x'.repeat(600_000));
  expect(readFileSync(onlyFile(), 'utf8')).toBe(before);
});
