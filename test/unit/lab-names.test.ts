import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const folder = new URL('../lab/', import.meta.url);

/** The names of labs that each file under test/lab spells out, `lv` and at most six letters or digits more, or how they begin. */
function namesByFile(): ReadonlyMap<string, ReadonlySet<string>> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => {
        const text = readFileSync(new URL(file, folder), 'utf8');
        const names = Array.from(
          text.matchAll(/['`](lv[a-z0-9]{1,6})(?:'|\$\{)/g),
          ([, name]) => name ?? '',
        );
        return [file, new Set(names.filter((name) => name !== 'lvslab'))];
      }),
  );
}

// Files run side by side: the one that ends first takes the lab of the other down.
test('no two files of tests use a lab of the same name', () => {
  const owners = new Map<string, string>();
  const shared: string[] = [];
  for (const [file, names] of namesByFile())
    for (const name of names) {
      const other = owners.get(name);
      if (other === undefined) owners.set(name, file);
      else shared.push(`${name}: ${other}, ${file}`);
    }
  expect(owners.size).toBeGreaterThan(20);
  expect(shared).toEqual([]);
});
