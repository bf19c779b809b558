import { existsSync } from 'node:fs';
import path from 'node:path';
import { PlaybookError } from '../../engine/model/failures/errors.ts';
import { type ResourceKind } from '../../engine/model/resource-kind.ts';
import { placeIn, sourceFrame } from '../../engine/apply/source-frame.ts';
import { isBuiltIn } from '../../resources/resource-kinds.ts';
import { type LabPlaybook } from '../../playbook.ts';
import { packageEntry, projectPath } from '../../project-files.ts';

/**
 * Loads a playbook, a TypeScript or JavaScript file anywhere on this machine; `import … from 'lvslab'` in it means this
 * very program.
 * @param cache a folder that only this user can write to: what lies there is run; false for none.
 * @throws PlaybookError with the place in the file.
 */
export async function loadPlaybook(file: string, cache: string | false): Promise<LabPlaybook> {
  const { createJiti } = await import('jiti');
  const jiti = createJiti(import.meta.url, {
    fsCache: cache,
    alias: { lvslab: packageEntry, 'lvslab/playbooks': projectPath('playbooks') },
  });
  const absolute = path.resolve(file);
  if (!existsSync(absolute)) {
    throw new PlaybookError(`there is no playbook ${file}`, {
      hint: 'Correct the path after --playbook; without it, the plays of the documented lab are taken.',
    });
  }
  let loaded: unknown;
  try {
    loaded = await jiti.import(absolute, { default: true });
  } catch (cause) {
    throw new PlaybookError(`${file} can't be loaded: ${whatIsWrong(cause, absolute)}`, {
      hint: 'Correct the playbook there; docs/playbooks.md shows how one is written.',
    });
  }
  return checkShape(loaded, file);
}

function checkShape(loaded: unknown, file: string): LabPlaybook {
  const problem = whatIsMissing(loaded);
  if (problem !== undefined) {
    throw new PlaybookError(`${file} is no playbook: ${problem}`, {
      hint: "Export it as `export default definePlaybook({ name, plays })` from 'lvslab'.",
    });
  }
  const playbook = loaded as LabPlaybook;
  checkOrder(playbook, file);
  return playbook;
}

function whatIsMissing(loaded: unknown): string | undefined {
  if (typeof loaded !== 'object' || loaded === null) return 'it has no default export';
  if (!('name' in loaded) || typeof loaded.name !== 'string') return "'name' is missing";
  if (!('plays' in loaded) || !Array.isArray(loaded.plays)) return "'plays' is missing";
  if ('kinds' in loaded) {
    const problem = whatIsWrongWithKinds(loaded.kinds);
    if (problem !== undefined) return problem;
  }
  const bad = loaded.plays.findIndex((play: unknown) => !isPlay(play));
  return bad === -1 ? undefined : `play ${bad + 1} lacks 'name', 'hosts' or 'resources'`;
}

function whatIsWrongWithKinds(kinds: unknown): string | undefined {
  if (!Array.isArray(kinds)) return "'kinds' is no list";
  const seen = new Set<string>();
  for (const [i, kind] of kinds.entries()) {
    if (!isKind(kind)) return `kind ${i + 1} is not made by defineKind`;
    const { kindName: name } = kind;
    if (isBuiltIn(name)) return `kind '${name}' is one of lvslab's own: call yours otherwise`;
    if (seen.has(name)) return `two kinds are called '${name}'`;
    seen.add(name);
  }
  return undefined;
}

function isKind(kind: unknown): kind is ResourceKind {
  return (
    typeof kind === 'function' &&
    'kindName' in kind &&
    typeof kind.kindName === 'string' &&
    'remake' in kind &&
    typeof kind.remake === 'function'
  );
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

function checkOrder({ plays }: LabPlaybook, file: string): void {
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
function whatIsWrong(cause: unknown, file: string): string {
  if (!(cause instanceof Error)) return String(cause);
  const message = (cause.message.split('\n')[0] ?? '').replace(/^ParseError: /, '').trim();
  const frame = (cause.stack ?? '').split('\n').find((line) => line.includes(`${file}:`));
  const place = frame === undefined ? undefined : placeIn(frame);
  if (place === undefined) return message;
  return [`line ${place.line}: ${message}`, ...sourceFrame(place)].join('\n');
}
