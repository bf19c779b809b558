import { randomBytes } from 'node:crypto';
import { link, mkdtemp, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UsageError } from '../../engine/model/failures/errors.ts';
import { loadInventory } from '../../inventory/load-inventory.ts';
import { renderLab } from '../../reporters/render/render-lab.ts';
import { type Lab } from '../../lab/lab.ts';
import { labFrom } from '../../lab/lab-from.ts';

/** Whether a file, or anything else, has that name. */
export async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

/** Draws the lab that the text of an inventory means. */
export async function showLab(
  text: string,
  tell: (drawing: string) => Promise<void>,
): Promise<void> {
  await tell(`\n${renderLab(await labOf(text), { unicode: process.stdout.isTTY })}`);
}

/** The lab without files beside its inventory. */
async function labOf(text: string): Promise<Lab> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-init-'));
  try {
    return await loaded(path.join(folder, 'inventory.yml'), text);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Writes an inventory in one piece or not at all, and only one that makes a lab together with the files beside it.
 * @throws UsageError, InventoryError
 */
export async function writeInventory(
  file: string,
  text: string,
  { replace }: { readonly replace: boolean },
): Promise<void> {
  // A link keeps pointing where it does.
  const target = await realpath(file).catch(() => path.resolve(file));
  const draft = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await loaded(draft, text);
    // Unlike a rename, a link never replaces a file that came into being meanwhile.
    await (replace ? rename(draft, target) : link(draft, target));
  } catch (cause) {
    throw explained(cause, file);
  } finally {
    await rm(draft, { force: true });
  }
}

async function loaded(file: string, text: string): Promise<Lab> {
  await writeFile(file, text, { flag: 'wx' });
  return labFrom(await loadInventory(file));
}

function explained(cause: unknown, file: string): unknown {
  const code = (cause as { readonly code?: unknown }).code;
  const isOurs = typeof code !== 'string' || code.startsWith('E_');
  if (isOurs) return cause;
  if (code === 'EEXIST') return alreadyThere(file);
  return new UsageError(`${file} can't be written: ${code}`, {
    cause,
    hint: 'Give another file, in a folder that is there and that you can write to.',
  });
}

/** The file is there and nobody allowed to replace it. */
export function alreadyThere(file: string): UsageError {
  return new UsageError(`${file} is there already`, {
    hint: 'Give another file, or replace it with `lvslab … --force`.',
  });
}
