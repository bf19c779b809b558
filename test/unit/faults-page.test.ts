import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { format } from 'prettier';
import { renderFaultsPage } from '../lab/faults/faults-page.ts';

const page = new URL('../../docs/faults.md', import.meta.url);

test('docs/faults.md is what the table of faults says (UPDATE_GOLDEN=1 writes it)', async () => {
  const rendered = await format(renderFaultsPage(), { parser: 'markdown', printWidth: 160 });
  if (process.env['UPDATE_GOLDEN'] !== undefined) await writeFile(page, rendered);
  expect(await readFile(page, 'utf8')).toBe(rendered);
});
