import { defaultLabName, labNamed } from '../../embedded/embedded-lab.ts';
import { labInventory } from '../../embedded/lab/lab-inventory.ts';
import { labStatus } from '../../embedded/lab/lab-status.ts';
import { requireRoot } from '../../embedded/machine/system-packages.ts';
import { EmbeddedLabError } from '../../engine/model/failures/errors.ts';

/**
 * The inventory of an embedded lab that is up.
 * @throws EmbeddedLabError where it isn't; MissingOnControllerError for anybody but root; UsageError for another name
 */
export async function embeddedInventory(name: string = defaultLabName): Promise<string> {
  const lab = labNamed(name);
  requireRoot();
  const off = (await labStatus(lab))?.hosts.filter(({ state }) => state !== 'up');
  if (off?.length === 0) return await labInventory(lab);
  const why =
    off === undefined
      ? `there is no embedded lab ${name}`
      : `the embedded lab ${name} is not up: ${off.map(({ host, state }) => `${host.name} is ${state}`).join(', ')}`;
  throw new EmbeddedLabError(why, {
    step: 'inventory',
    hint: `Bring it up with \`lvslab lab up -n ${name}\`.`,
  });
}
