import { fileURLToPath } from 'node:url';

import { Secret } from '../../../src/engine/model/secret.ts';
import { type VaultPassword } from '../../../src/inventory/vault/vault.ts';

/** An inventory that the real ansible-vault has encrypted: single values, and files as a whole. */
export const vaultedFolder = fileURLToPath(new URL('../../cases/vaulted/', import.meta.url));

/** What opens it; two vault ids, and with them the two versions of the format. */
export const vaultPasswords: readonly VaultPassword[] = [
  { id: 'default', password: new Secret('correct horse') },
  { id: 'dev', password: new Secret('battery staple') },
];
