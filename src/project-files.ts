import path from 'node:path';
import { fileURLToPath } from 'node:url';

// This file lies right in src/, and all that is made of it right in dist/: the places are told from here alone.

/** The absolute path of a file of this project that is no code: 'templates/page.hbs'. */
export function projectPath(relative: string): string {
  return fileURLToPath(new URL(`../${relative}`, import.meta.url));
}

/** The package's own entry point: `.ts` when run from source, `.js` when built. */
export const packageEntry = fileURLToPath(
  new URL(`index${path.extname(import.meta.url)}`, import.meta.url),
);
