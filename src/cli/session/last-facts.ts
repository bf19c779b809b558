import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type LastFacts } from '../../engine/apply/guess-parts.ts';

/** More than a host with hundreds of NICs says of itself. */
const MOST_CHARACTERS = 500_000;
const MOST_BYTES = 2_000_000;

const kept = z.strictObject({
  version: z.literal(1),
  host: z.string(),
  facts: z.string().max(MOST_CHARACTERS),
});

/** The facts of a host in a file. */
export interface KeptFacts extends LastFacts {
  /** Whether there is any such file: the host was read before. Never fails. */
  readonly areThere: () => Promise<boolean>;
}

/**
 * The facts of a host as they were the last time, in a file of their own. They are what a host has printed, so they are read
 * like that.
 * @param folder a folder of this user's alone.
 */
export function lastFactsIn(folder: string, host: string): KeptFacts {
  const name = createHash('sha256').update(host).digest('hex').slice(0, 24);
  const file = path.join(folder, `${name}.json`);
  return {
    areThere: async () => (await stat(file).catch(() => undefined)) !== undefined,
    read: async () => {
      try {
        if ((await stat(file)).size > MOST_BYTES) return undefined;
        const read = kept.safeParse(JSON.parse(await readFile(file, 'utf8')));
        return read.success && read.data.host === host ? read.data.facts : undefined;
      } catch {
        return undefined;
      }
    },
    keep: async (facts) => {
      if (facts.length > MOST_CHARACTERS) return;
      const beside = `${file}.${randomBytes(6).toString('hex')}`;
      try {
        await writeFile(beside, JSON.stringify({ version: 1, host, facts }), { mode: 0o600 });
        await rename(beside, file);
      } catch {
        // A full disk of this machine's is no reason to leave hosts alone.
        await rm(beside, { force: true }).catch(() => undefined);
      }
    },
  };
}
