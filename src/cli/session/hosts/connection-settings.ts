import { homedir } from 'node:os';
import path from 'node:path';

import { type Host } from '../../../inventory/inventory.ts';
import { type ConnectionSettings } from '../../../transport/settings/connection-settings.ts';
import { type CredentialFlags } from '../../flags.ts';

/** What the inventory says about reaching a host, and this run, as the transport takes it. */
export function connectionSettings(
  { name, connection }: Pick<Host, 'name' | 'connection'>,
  { hostKeyChecking }: Pick<CredentialFlags, 'hostKeyChecking'>,
): ConnectionSettings {
  const { port, user, password, privateKeyFile, become, becomePassword } = connection;
  // Set to nothing is how a person says that there is none.
  const agent = process.env['SSH_AUTH_SOCK'] ?? '';
  const commonArgs = [connection.sshCommonArgs, connection.sshExtraArgs]
    .filter((part) => part !== undefined)
    .join(' ');
  return {
    host: name,
    address: connection.host,
    become,
    home: homedir(),
    commonArgs,
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(privateKeyFile !== undefined && { privateKeyFile: absolute(privateKeyFile) }),
    ...(becomePassword !== undefined && { becomePassword }),
    ...(agent !== '' && { identityAgent: agent }),
    ...(hostKeyChecking !== undefined && { hostKeyChecking: CHECKING[hostKeyChecking] }),
  };
}

/** In OpenSSH's words. */
const CHECKING = { ask: 'ask', strict: 'yes', 'accept-new': 'accept-new' } as const;

/** As ssh reads it: `~` is the home folder, anything relative starts where the command was given. */
function absolute(file: string): string {
  return path.resolve(file.replace(/^~(?=\/|$)/, homedir()));
}
