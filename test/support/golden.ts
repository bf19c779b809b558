import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@jest/globals';

/** Where golden files lie: output as it should be, to be read and reviewed like code. */
const GOLDEN = path.join(import.meta.dirname, '../golden');

/**
 * Compares text with a golden file, named below test/golden.
 * With UPDATE_GOLDEN=1 in the environment the file is written instead: look at the difference before you commit it.
 */
export function expectGolden(name: string, text: string): void {
  const file = path.join(GOLDEN, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
