import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Result } from '../measure/result.ts';
import { renderPage } from './page.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Writes what the results say into docs/; returns the names of the files. */
export function writePage(results: readonly Result[]): readonly string[] {
  const files = renderPage(results);
  for (const [name, text] of Object.entries(files)) writeFileSync(`${ROOT}${name}`, text);
  return Object.keys(files);
}
