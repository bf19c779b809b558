import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { ConnectError } from '../engine/errors.ts';
import { type ConnectionSettings } from './connection-settings.ts';
import { errorField } from './error-field.ts';
import { type SshArguments } from './ssh-arguments.ts';

/** OpenSSH's options by lower-case name; the values of one name in the order of their precedence. */
export type OptionValues = ReadonlyMap<string, readonly string[]>;

/** What OpenSSH assumes where nothing is said; used only where there is no ssh program to ask. */
const DEFAULTS: readonly (readonly [string, string])[] = [
  ['identityfile', '~/.ssh/id_rsa'],
  ['identityfile', '~/.ssh/id_ecdsa'],
  ['identityfile', '~/.ssh/id_ed25519'],
  ['userknownhostsfile', '~/.ssh/known_hosts ~/.ssh/known_hosts2'],
  ['globalknownhostsfile', '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'],
];

/**
 * The options in effect for a host, with the person's ssh_config where an ssh program is installed.
 * @throws ConnectError when ssh refuses them.
 */
export async function readOpenSshOptions({
  settings,
  given,
  sshProgram,
}: {
  readonly settings: ConnectionSettings;
  readonly given: SshArguments;
  readonly sshProgram: string;
}): Promise<OptionValues> {
  const args = [
    '-G',
    ...(given.configFile === undefined ? [] : ['-F', given.configFile]),
    ...given.options.map(({ name, value }) => `-o${name}=${value}`),
    '--',
    settings.address,
  ];
  try {
    const { stdout } = await promisify(execFile)(sshProgram, args);
    return grouped(stdout.split('\n').map(nameAndValue));
  } catch (cause) {
    if (errorField(cause, 'code') === 'ENOENT') return optionsOfArguments(given);
    throw new ConnectError(`ssh refuses the connection's options: ${reason(cause)}`, {
      host: settings.host,
      step: 'connect',
      cause,
      hint: 'Check ansible_ssh_common_args, ansible_ssh_extra_args and your ssh_config.',
    });
  }
}

function optionsOfArguments({ options }: SshArguments): OptionValues {
  const given = grouped(options.map(({ name, value }) => [name.toLowerCase(), value] as const));
  const defaults = DEFAULTS.filter(([name]) => !given.has(name));
  return new Map([...grouped(defaults), ...given]);
}

function nameAndValue(line: string): readonly [string, string] {
  const [name = '', ...values] = line.split(' ');
  return [name, values.join(' ')];
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}

/** The last line that ssh printed. */
function reason(error: unknown): string {
  const stderr = errorField(error, 'stderr').trim();
  return stderr === '' ? String(error) : (stderr.split('\n').at(-1) ?? '');
}
