import path from 'node:path';
import { labNamed } from '../../embedded/embedded-lab.ts';

/**
 * The inventory of an embedded lab that is up.
 * @throws UsageError for a name that no embedded lab can have.
 */
export function inventoryFile(name: string): string {
  return path.join(labNamed(name).paths.state, 'inventory.yml');
}
