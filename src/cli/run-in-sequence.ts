import { EXIT } from './exit-codes.ts';

/** Part of what a command does; resolves to an exit status. */
export type Part = () => Promise<number>;

/** Stops at the first part that fails, with its status: what comes after would stand on it. */
export async function oneAfterTheOther(parts: readonly Part[]): Promise<number> {
  for (const part of parts) {
    const exitCode = await part();
    if (exitCode !== EXIT.ok) return exitCode;
  }
  return EXIT.ok;
}
