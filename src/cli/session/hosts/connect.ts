import { type ConnectOptions } from '../../../engine/apply/survey.ts';
import { type Connection } from '../../../engine/model/connection.ts';
import { ConnectError } from '../../../engine/model/failures/errors.ts';
import { type Host } from '../../../inventory/inventory.ts';
import { type Access } from './access.ts';
import { connectionSettings } from './connection-settings.ts';
import { type Screen } from '../../terminal/screen.ts';

/**
 * Opens the connection that the inventory describes for a host, when it is the host's turn.
 * @param readAtOnce whether a session follows at once: it is part of the turn then.
 * @param onTurn called once it has begun to connect.
 */
export async function connect(
  { name, connection, unusable }: Pick<Host, 'name' | 'connection' | 'unusable'>,
  access: Access,
  {
    reporter,
    signal,
    hostKeys,
  }: Pick<Screen, 'reporter' | 'signal'> & Partial<Pick<Screen, 'hostKeys'>>,
  { readAtOnce = false, onTurn }: ConnectOptions & { readonly readAtOnce?: boolean } = {},
): Promise<Connection> {
  if (unusable !== undefined) {
    throw new ConnectError(`lvslab can't log in as the inventory says: ${unusable}`, {
      host: name,
      step: 'connect',
      hint: 'Correct that in the inventory, or leave the host out (--limit).',
    });
  }
  if (connection.type === 'local') return await connectLocally(name, connection);
  const { openConnection } = await import('../../../transport/open-connection.ts');
  const open = async (endTurn?: () => void) => {
    const opening = openConnection(connectionSettings({ name, connection }, access), {
      signal,
      ...(readAtOnce && endTurn !== undefined && { onFirstSessionOver: endTurn }),
      ...(hostKeys !== undefined && { hostKeys }),
      askPassphrase: async (file) => Promise.resolve(access.passphrases.get(file)),
      onNotice: (text) => {
        reporter.say(`${name}: ${text}`);
      },
      onNewHostKey: ({ fingerprint, file }) => {
        const written = file === undefined ? 'accepted' : `accepted and written to ${file}`;
        reporter.say(`${name}: new host key ${fingerprint} ${written}`);
      },
    });
    onTurn?.();
    const opened = await opening;
    if (!readAtOnce) endTurn?.();
    return opened;
  };
  return await (access.turns?.run(open, signal) ?? open());
}

/** This machine itself, as a host. */
export async function connectLocally(
  name: string,
  { becomePassword }: Pick<Host['connection'], 'becomePassword'> = {},
): Promise<Connection> {
  const { openLocalConnection } = await import('../../../transport/local-connection.ts');
  return openLocalConnection({
    host: name,
    ...(becomePassword !== undefined && {
      become: { kind: 'sudo-with-password', password: becomePassword },
    }),
  });
}
