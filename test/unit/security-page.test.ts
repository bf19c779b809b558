import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const root = path.join(import.meta.dirname, '../..');

test('every test that SECURITY.md names is there', () => {
  const page = readFileSync(path.join(root, 'SECURITY.md'), 'utf8');
  const named = [...page.matchAll(/`((?:[\w*-]+\/)*[\w.*-]+\.ts)`/g)].map(([, file = '']) => file);
  expect(named.length).toBeGreaterThan(5);
  const missing = named.filter((file) => {
    const pattern = new RegExp(`^${path.basename(file).replaceAll('*', '.*')}$`);
    const folder = path.join(root, path.dirname(file));
    return !existsSync(folder) || !readdirSync(folder).some((name) => pattern.test(name));
  });
  expect(missing).toEqual([]);
});
