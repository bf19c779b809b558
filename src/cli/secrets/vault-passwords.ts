import path from 'node:path';

import { type VaultPassword } from '../../inventory/vault/vault.ts';
import { askSecret } from './ask-secret.ts';
import { type CredentialFlags } from '../flags.ts';
import { readPasswordFile } from './password-file.ts';

/** Where one password comes from. */
interface Source {
  readonly id: string | undefined;
  readonly place: string;
}

const PROMPT = 'prompt';
/** The vault id of what has none. */
const USUAL_ID = 'default';

/**
 * The passwords of vaults, from flags and from Ansible's own variables, in the order in which Ansible has them.
 * @throws UsageError, CancelledError
 */
export async function readVaultPasswords(
  credentials: CredentialFlags,
  signal: AbortSignal,
): Promise<readonly VaultPassword[]> {
  const passwords: VaultPassword[] = [];
  // One after the other: each may ask the person.
  for (const { id = USUAL_ID, place } of sources(credentials)) {
    const password =
      place === PROMPT
        ? await askSecret(questionFor(id), signal)
        : await readPasswordFile(place, isClient(place) ? ['--vault-id', id] : [], { signal });
    passwords.push({ id, password });
  }
  return passwords;
}

function sources({
  askVaultPass,
  vaultPasswordFile = [],
  vaultId = [],
}: CredentialFlags): Source[] {
  const listed = (process.env['ANSIBLE_VAULT_IDENTITY_LIST'] ?? '').split(',');
  const file = process.env['ANSIBLE_VAULT_PASSWORD_FILE'] ?? '';
  return [
    ...[...listed.map((one) => one.trim()).filter(Boolean), ...vaultId].map(parseVaultId),
    ...[...vaultPasswordFile, ...(file === '' ? [] : [file])].map((place) => ({
      id: undefined,
      place,
    })),
    ...(askVaultPass === true ? [{ id: undefined, place: PROMPT }] : []),
  ];
}

/** 'dev@FILE', 'dev@prompt', or without a name before the '@'. */
function parseVaultId(text: string): Source {
  const [, id, place = ''] = /^(?:([^@]*)@)?(.*)$/s.exec(text) ?? [];
  return { id: id === '' ? undefined : id, place };
}

/** Ansible's word for programs that know several passwords: 'NAME-client', with any extension. */
function isClient(file: string): boolean {
  return path.parse(file).name.endsWith('-client');
}

function questionFor(id: string): { readonly message: string; readonly otherwise: string } {
  return {
    message: id === USUAL_ID ? 'Vault password' : `Vault password (${id})`,
    otherwise:
      'Give it with `lvslab … --vault-password-file FILE`, or set ANSIBLE_VAULT_PASSWORD_FILE.',
  };
}
