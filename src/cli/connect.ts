import { homedir } from 'node:os';
import path from 'node:path';
import { type Connection } from '../engine/connection.ts';
import { type Host } from '../inventory/inventory.ts';
import { type ConnectionSettings } from '../transport/connection-settings.ts';
import { type Screen } from './screen.ts';

/** Opens the connection that the inventory describes for a host. */
export async function connect(
  { name, connection }: Pick<Host, 'name' | 'connection'>,
  { reporter, signal }: Pick<Screen, 'reporter' | 'signal'>,
): Promise<Connection> {
  if (connection.type === 'local') return await connectLocally(name);
  const { openConnection } = await import('../transport/open-connection.ts');
  return await openConnection(settingsOf(name, connection), {
    signal,
    onNotice: (text) => {
      reporter.say(`${name}: ${text}`);
    },
    onNewHostKey: ({ fingerprint, file }) => {
      reporter.say(`${name}: new host key ${fingerprint} accepted and written to ${file}`);
    },
  });
}

/** This machine itself, as a host. */
export async function connectLocally(name: string): Promise<Connection> {
  const { openLocalConnection } = await import('../transport/local-connection.ts');
  return openLocalConnection({ host: name });
}

function settingsOf(name: string, connection: Host['connection']): ConnectionSettings {
  const { port, user, password, privateKeyFile, become, becomePassword } = connection;
  const agent = process.env['SSH_AUTH_SOCK'];
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
    ...(agent !== undefined && { identityAgent: agent }),
  };
}

/** As ssh reads it: `~` is the home folder, anything relative starts where the command was given. */
function absolute(file: string): string {
  return path.resolve(file.replace(/^~(?=\/|$)/, homedir()));
}
