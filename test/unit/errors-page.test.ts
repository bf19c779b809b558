import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);

test('docs/errors.md lists exactly the codes that the code has', () => {
  const sources = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(new URL(`src/${file}`, root), 'utf8'));
  const inCode = sources.flatMap((text) =>
    [...text.matchAll(/readonly code = '(E_\w+)'/g)].map(([, code]) => code),
  );
  const page = readFileSync(new URL('docs/errors.md', root), 'utf8');
  const inPage = [...page.matchAll(/^\| `(E_\w+)` +\|/gm)].map(([, code]) => code);
  expect(inPage.toSorted()).toEqual(inCode.toSorted());
});
