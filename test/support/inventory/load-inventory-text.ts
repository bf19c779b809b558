import path from 'node:path';

import { type Inventory } from '../../../src/inventory/inventory.ts';
import { InventoryError, type Problem } from '../../../src/inventory/inventory-error.ts';
import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import { type VaultPassword } from '../../../src/inventory/vault/vault.ts';
import { withFiles } from './inventory-folder.ts';

/** An inventory file, files beside it, and values of --extra-vars. */
export interface InventoryText {
  readonly hosts: string | Uint8Array;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly extraVars?: readonly string[];
  readonly vaultPasswords?: readonly VaultPassword[];
}

/** Loads the text as the file hosts.yml of a fresh folder. */
export function loadText({
  hosts,
  files,
  extraVars = [],
  vaultPasswords = [],
}: InventoryText): Promise<Inventory> {
  return withFiles({ 'hosts.yml': hosts, ...files }, (folder) =>
    loadInventory(path.join(folder, 'hosts.yml'), { extraVars, vaultPasswords }),
  );
}

/** What is wrong with it, file names without their folder; [] when nothing is. */
export async function problemsOf(text: InventoryText): Promise<readonly Problem[]> {
  try {
    await loadText(text);
    return [];
  } catch (error) {
    return problemsIn(error);
  }
}

/** The problems of an InventoryError; anything else is thrown again. */
export function problemsIn(error: unknown): readonly Problem[] {
  if (!(error instanceof InventoryError)) throw error;
  return error.problems.map((problem) => ({
    ...problem,
    file: problem.file.replace(/^.*lvslab-inventory-[^/]*\//, ''),
  }));
}

/** One line each: 'hosts.yml:3:5: message (suggestion)'. */
export function problemLines(problems: readonly Problem[]): readonly string[] {
  return problems.map(
    ({ file, line, column, message, suggestion }) =>
      `${file}:${line}:${column}: ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`,
  );
}
