import { readFile } from 'node:fs/promises';

import { type Lab } from '../../../src/lab/lab.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import { loadText, problemLines, problemsIn } from './load-inventory-text.ts';

/** The inventory of the documented lab, as text. */
export const documented = await readFile(
  new URL('../../../inventory/centos7.yml', import.meta.url),
  'utf8',
);

/** The documented lab with this `lvs_services`. Rejects with an InventoryError where that can't be. */
export async function labOf(services: unknown, extraVars: readonly string[] = []): Promise<Lab> {
  const list = JSON.stringify({ lvs_services: services });
  return labFrom(await loadText({ hosts: documented, extraVars: [list, ...extraVars] }));
}

/** Why that can't be, a line each; [] where it can. */
export async function reasons(
  services: unknown,
  extraVars: readonly string[] = [],
): Promise<readonly string[]> {
  return labOf(services, extraVars).then(
    () => [],
    (error: unknown) => problemLines(problemsIn(error)),
  );
}
