import { readFile } from 'node:fs/promises';

import { type Secret } from '../../engine/model/secret.ts';
import { type ConnectionSettings } from '../settings/connection-settings.ts';
import { effectiveSettings } from '../settings/effective-settings.ts';
import { isPassphrase, loginAgent, readLoginKey } from './login-keys.ts';
import { type OpenOptions } from '../open-connection.ts';

/**
 * The encrypted key files whose passphrases the login to a host may need. Keys that the agent holds are not among them,
 * nor are OpenSSH's usual ones where something else can be tried.
 * @throws ConnectError when the settings can't be used; CancelledError
 */
export async function lockedKeys(
  settings: ConnectionSettings,
  options: Pick<OpenOptions, 'sshProgram' | 'signal'> = {},
): Promise<readonly string[]> {
  const effective = await effectiveSettings(settings, options);
  const { default: ssh2 } = await import('ssh2');
  const agent = await loginAgent(ssh2, effective, options.signal);
  const agentKeys = agent?.keys ?? [];
  const keys = await Promise.all(
    effective.identityFiles.map(async (file) => ({
      ...(await readLoginKey({ ssh2, file, agentKeys, askPassphrase: undefined })),
      named: file.named,
    })),
  );
  const locked = keys.filter(({ problem }) => problem === 'is encrypted');
  const hasOther =
    agentKeys.length > 0 ||
    settings.password !== undefined ||
    keys.some(({ named, key }) => named || key !== undefined);
  return locked.filter(({ named }) => named || !hasOther).map(({ path }) => path);
}

/** Whether a passphrase opens a key file. */
export async function opensKey(file: string, passphrase: Secret): Promise<boolean> {
  const { default: ssh2 } = await import('ssh2');
  return isPassphrase(ssh2, await readFile(file, 'utf8'), passphrase);
}
