import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlaybookError } from '../engine/errors.ts';
import { type Playbook } from '../engine/play.ts';
import { type PlayContext } from '../playbook.ts';

/** This package's own entry point: `.ts` when run from source, `.js` when built. */
const OWN_ENTRY = fileURLToPath(
  new URL(`../index${path.extname(import.meta.url)}`, import.meta.url),
);

/**
 * Loads a playbook, a TypeScript or JavaScript file anywhere on this machine; `import … from 'lvslab'` in it means this
 * very program.
 * @param cacheDir a folder that only this user can write to: what lies there is run.
 * @throws PlaybookError with the place in the file.
 */
export async function loadPlaybook(file: string, cacheDir: string): Promise<Playbook<PlayContext>> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, {
    fsCache: cacheDir,
    alias: { lvslab: OWN_ENTRY },
  });
  const absolute = path.resolve(file);
  let loaded: unknown;
  try {
    loaded = await jiti.import(absolute, { default: true });
  } catch (cause) {
    throw new PlaybookError(`${file} can't be loaded: ${placeAndMessage(cause, absolute)}`, {
      cause,
      hint: "A playbook is a file with `export default definePlaybook({ … })` from 'lvslab'.",
    });
  }
  return checkShape(loaded, file);
}

function checkShape(loaded: unknown, file: string): Playbook<PlayContext> {
  const problem = whatIsMissing(loaded);
  if (problem !== undefined) {
    throw new PlaybookError(`${file} is no playbook: ${problem}`, {
      hint: "Export it as `export default definePlaybook({ name, plays })` from 'lvslab'.",
    });
  }
  const playbook = loaded as Playbook<PlayContext>;
  checkOrder(playbook, file);
  return playbook;
}

function whatIsMissing(loaded: unknown): string | undefined {
  if (typeof loaded !== 'object' || loaded === null) return 'it has no default export';
  if (!('name' in loaded) || typeof loaded.name !== 'string') return "'name' is missing";
  if (!('plays' in loaded) || !Array.isArray(loaded.plays)) return "'plays' is missing";
  const bad = loaded.plays.findIndex((play: unknown) => !isPlay(play));
  return bad === -1 ? undefined : `play ${bad + 1} lacks 'name', 'hosts' or 'resources'`;
}

function isPlay(play: unknown): boolean {
  return (
    typeof play === 'object' &&
    play !== null &&
    'name' in play &&
    typeof play.name === 'string' &&
    'hosts' in play &&
    typeof play.hosts === 'string' &&
    'resources' in play &&
    typeof play.resources === 'function'
  );
}

function checkOrder({ plays }: Playbook<PlayContext>, file: string): void {
  const seen = new Set<string>();
  for (const { name, after = [] } of plays) {
    const missing = after.find((other) => !seen.has(other));
    if (missing !== undefined || seen.has(name)) {
      const problem =
        missing === undefined
          ? `two plays are called '${name}'`
          : `play '${name}' comes after '${missing}', which is no earlier play`;
      throw new PlaybookError(`${file}: ${problem}`, {
        hint: 'Give each play a name of its own, and name only earlier plays in `after`.',
      });
    }
    seen.add(name);
  }
}

/** The error's first line, with the line of the person's own file that it came from. */
function placeAndMessage(cause: unknown, file: string): string {
  if (!(cause instanceof Error)) return String(cause);
  const message = cause.message.split('\n')[0] ?? '';
  const frame = (cause.stack ?? '').split('\n').find((line) => line.includes(`${file}:`));
  const place = frame === undefined ? undefined : /:(\d+:\d+)\)?$/.exec(frame)?.[1];
  return place === undefined ? message : `line ${place}: ${message}`;
}
