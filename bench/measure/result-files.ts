import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Result, resultSchema } from './result.ts';

const FOLDER = fileURLToPath(new URL('../results/', import.meta.url));

/** What was measured last, part by part; parts that nobody has measured are not among it. */
export function readResults(): readonly Result[] {
  return resultSchema.shape.part.options.flatMap((part) => {
    const file = `${FOLDER}${part}.json`;
    if (!existsSync(file)) return [];
    return [resultSchema.parse(JSON.parse(readFileSync(file, 'utf8')))];
  });
}

/** Keeps what was measured, in place of what was measured before. */
export async function writeResult(result: Result): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const text = JSON.stringify(resultSchema.parse(result));
  const prettier = await import('prettier');
  const formatted = await prettier.format(text, {
    ...(await prettier.resolveConfig(FOLDER)),
    parser: 'json',
  });
  writeFileSync(`${FOLDER}${result.part}.json`, formatted);
}
