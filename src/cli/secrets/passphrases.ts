import { ConnectError } from '../../engine/model/failures/errors.ts';
import { quote } from '../../engine/model/shell/script.ts';
import { type Secret } from '../../engine/model/secret.ts';
import { type ConnectionSettings } from '../../transport/settings/connection-settings.ts';
import { askSecret, canAsk } from './ask-secret.ts';

/** Passphrases of key files, by path. */
export type Passphrases = Map<string, Secret>;

/**
 * Asks for the passphrases that the logins will need, once for each key, before anything else is on the screen. Where there
 * is nobody to ask, the login says what is missing.
 */
export async function askPassphrases(
  hosts: readonly ConnectionSettings[],
  known: Passphrases,
  signal: AbortSignal,
): Promise<void> {
  if (!canAsk()) return;
  const { lockedKeys, opensKey } = await import('../../transport/keys/locked-keys.ts');
  // What is wrong with the settings of a host is told when that host is connected to.
  const perHost = await Promise.all(
    hosts.map(async (host) => {
      try {
        return await lockedKeys(host, { signal });
      } catch (error) {
        if (error instanceof ConnectError) return [];
        throw error;
      }
    }),
  );
  for (const file of new Set(perHost.flat())) {
    if (known.has(file)) continue;
    const question = {
      message: `Passphrase of ${file} (empty: do without this key)`,
      otherwise: `Unlock the key with \`ssh-add ${quote(file)}\`.`,
      problemOf: async (typed: Secret) =>
        typed.reveal() === '' || (await opensKey(file, typed)) ? undefined : 'It is another one.',
    };
    const passphrase = await askSecret(question, signal);
    if (passphrase.reveal() !== '') known.set(file, passphrase);
  }
}
