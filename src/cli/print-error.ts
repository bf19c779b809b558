import { currentLook } from './screen.ts';

/** Prints an error for a person: what, where, why, and what to do; a stack only for what is our own fault. */
export async function printError(error: unknown): Promise<void> {
  const { renderError } = await import('../reporters/render-error.ts');
  process.stderr.write(`${renderError(error, currentLook({}, process.stderr))}\n`);
}
