import { type Secret } from '../../../engine/model/secret.ts';
import { type Host, type Inventory } from '../../../inventory/inventory.ts';
import { askSecret } from '../../secrets/ask-secret.ts';
import { connectionSettings } from './connection-settings.ts';
import { HostTurns } from './host-turns.ts';
import { type CredentialFlags, type Passwords } from '../../flags.ts';
import { askPassphrases, type Passphrases } from '../../secrets/passphrases.ts';
import { readPasswordFile } from '../../secrets/password-file.ts';

/** How this run gets into hosts, beside what their inventory says. */
export interface Access extends Pick<CredentialFlags, 'hostKeyChecking'> {
  readonly passphrases: Passphrases;
  /** Hosts begin when it is their turn; not set, at once. */
  readonly turns?: HostTurns;
}

/**
 * Asks for all that the logins will need, once and before any of them, and gives it to the hosts that lack it.
 * @throws UsageError, CancelledError
 */
export async function openAccess(
  inventory: Inventory,
  credentials: CredentialFlags,
  signal: AbortSignal,
): Promise<{ readonly inventory: Inventory; readonly access: Access }> {
  const complete = withPasswords(inventory, await readPasswords(credentials, signal));
  const { hostKeyChecking } = credentials;
  const access = {
    passphrases: new Map(credentials.passwords?.passphrases),
    turns: HostTurns.forForks(credentials.forks),
    ...(hostKeyChecking !== undefined && { hostKeyChecking }),
  };
  const remote = [...complete.hosts.values()].filter(
    ({ connection, unusable }) => connection.type === 'ssh' && unusable === undefined,
  );
  const settings = remote.map((host) => connectionSettings(host, access));
  await askPassphrases(settings, access.passphrases, signal);
  return { inventory: complete, access };
}

async function readPasswords(
  credentials: CredentialFlags,
  signal: AbortSignal,
): Promise<Passwords> {
  const { askPass, askBecomePass, passwords = {} } = credentials;
  const login =
    passwords.login ??
    (await passwordFrom(
      askPass === true,
      credentials.connectionPasswordFile ?? process.env['ANSIBLE_CONNECTION_PASSWORD_FILE'],
      () => askSecret(loginQuestion, signal),
      signal,
    ));
  const become =
    passwords.become ??
    (await passwordFrom(
      askBecomePass === true,
      credentials.becomePasswordFile ?? process.env['ANSIBLE_BECOME_PASSWORD_FILE'],
      () => askSecret(becomeQuestion(login), signal),
      signal,
    ));
  // As with Ansible: who logs in with a password often gives sudo the same.
  const isSame = askBecomePass === true && become?.reveal() === '';
  return setOnly({ login, become: isSame ? login : become });
}

async function passwordFrom(
  isAsked: boolean,
  file: string | undefined,
  ask: () => Promise<Secret>,
  signal: AbortSignal,
): Promise<Secret | undefined> {
  if (isAsked) return await ask();
  return file === undefined || file === ''
    ? undefined
    : await readPasswordFile(file, [], { signal });
}

const loginQuestion = {
  message: 'Password for the logins',
  otherwise:
    'Give it with `lvslab … --connection-password-file FILE`, or use a key, or set ansible_password in the inventory.',
};

function becomeQuestion(login: Secret | undefined): typeof loginQuestion {
  return {
    message: `Password for sudo${login === undefined ? '' : ' (empty: the same)'}`,
    otherwise:
      'Give it with `lvslab … --become-password-file FILE`, or set ansible_become_password in the inventory.',
  };
}

function setOnly({
  login,
  become,
}: {
  login?: Secret | undefined;
  become?: Secret | undefined;
}): Passwords {
  return {
    ...(login !== undefined && login.reveal() !== '' && { login }),
    ...(become !== undefined && become.reveal() !== '' && { become }),
  };
}

/** The inventory with passwords for the hosts that have none of their own. */
function withPasswords(inventory: Inventory, { login, become }: Passwords): Inventory {
  const complete = (host: Host): Host => ({
    ...host,
    connection: {
      ...(login !== undefined && { password: login }),
      ...(become !== undefined && { becomePassword: become }),
      ...host.connection,
    },
  });
  const hosts = [...inventory.hosts].map(([name, host]) => [name, complete(host)] as const);
  return { ...inventory, hosts: new Map(hosts) };
}
