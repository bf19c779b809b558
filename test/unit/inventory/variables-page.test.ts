import { readFile, writeFile } from 'node:fs/promises';

import { expect, test } from '@jest/globals';

import { renderVariablesPage } from '../../../src/inventory/variables/variables-page.ts';

const page = new URL('../../../docs/inventory.md', import.meta.url);

test('docs/inventory.md is what the variables say of themselves (UPDATE_GOLDEN=1 writes it)', async () => {
  if (process.env['UPDATE_GOLDEN'] !== undefined) await writeFile(page, renderVariablesPage());
  expect(await readFile(page, 'utf8')).toBe(renderVariablesPage());
});
