import { Vault as AnsibleVault } from 'ansible-vault';

import { Secret } from '../../engine/model/secret.ts';
import { isVaulted } from './vaulted-text.ts';

/** A password that opens what ansible-vault has encrypted. */
export interface VaultPassword {
  /** Its vault id; 'default' where nobody gave it one. */
  readonly id: string;
  readonly password: Secret;
}

/** What an encrypted text turned out to be. */
export type Opened =
  | { readonly ok: true; readonly plain: Secret }
  /** Why it stays closed, as the end of a sentence, and what to do. */
  | { readonly ok: false; readonly problem: string; readonly suggestion: string };

/** Opens what ansible-vault has encrypted, with the passwords of this run. */
export class Vault {
  readonly #passwords: readonly VaultPassword[];

  constructor(passwords: readonly VaultPassword[] = []) {
    this.#passwords = passwords;
  }

  /** Decrypts a text; as with Ansible, the password with the text's own vault id comes first, and then all others. */
  async open(text: string): Promise<Opened> {
    // Blanks at the ends of lines are left by YAML and editors; Ansible does without them, too.
    const envelope = text.trim().replaceAll(/[^\S\n]*\n[^\S\n]*/g, '\n');
    const [version, cipher, id] = headerOf(envelope);
    if (!isVaulted(envelope) || !isKnown(version, cipher)) return unknownFormat(version, cipher);
    if (this.#passwords.length === 0) return noPassword;
    for (const { password } of this.#inOrder(id)) {
      const plain = await decrypt(envelope, password);
      if (plain === 'damaged') return damaged;
      if (plain !== undefined) return { ok: true, plain };
    }
    return wrongPassword(id, this.#passwords);
  }

  #inOrder(id: string | undefined): readonly VaultPassword[] {
    const own = this.#passwords.filter((one) => one.id === id);
    return [...own, ...this.#passwords.filter((one) => one.id !== id)];
  }
}

/** '$ANSIBLE_VAULT;1.2;AES256;dev': the version of the format, the cipher, the vault id. */
function headerOf(envelope: string): readonly (string | undefined)[] {
  const [line = ''] = envelope.split('\n', 1);
  return line
    .split(';')
    .slice(1)
    .map((part) => part.trim());
}

function isKnown(version: string | undefined, cipher: string | undefined): boolean {
  return ['1.1', '1.2'].includes(version ?? '') && cipher === 'AES256';
}

async function decrypt(
  envelope: string,
  password: Secret,
): Promise<Secret | 'damaged' | undefined> {
  try {
    const plain = await new AnsibleVault({ password: password.reveal() }).decrypt(
      envelope,
      undefined,
    );
    return plain === undefined ? undefined : new Secret(plain);
  } catch (error) {
    // The check sum is made with the password: whether that or the text is wrong can't be told apart.
    const isRefused = error instanceof Error && error.message === 'Integrity check failed';
    return isRefused ? undefined : 'damaged';
  }
}

const noPassword: Opened = {
  ok: false,
  problem: 'is encrypted, and no vault password was given',
  suggestion:
    'give --ask-vault-pass, --vault-password-file FILE, or set ANSIBLE_VAULT_PASSWORD_FILE',
};

const damaged: Opened = {
  ok: false,
  problem: 'is encrypted, but damaged',
  suggestion: 'encrypt it again with ansible-vault',
};

function unknownFormat(version = '', cipher = ''): Opened {
  return {
    ok: false,
    problem: `is not encrypted in a way that is known: version '${version}', cipher '${cipher}'`,
    suggestion: 'encrypt it with ansible-vault: versions 1.1 and 1.2 with AES256 are read',
  };
}

function wrongPassword(id: string | undefined, passwords: readonly VaultPassword[]): Opened {
  const own = id === undefined ? '' : `, and its vault id is '${id}'`;
  const known = passwords.map((one) => `'${one.id}'`).join(', ');
  return {
    ok: false,
    problem:
      passwords.length === 1
        ? `is encrypted with another password than the vault password given${own}`
        : `is encrypted with none of the vault passwords given (${known})${own}`,
    suggestion:
      id === undefined
        ? 'correct the vault password, or add the right one with --vault-id'
        : `correct the vault password, or add the right one with --vault-id ${id}@FILE`,
  };
}
