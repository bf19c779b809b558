import { z } from 'zod';

import { type Secret } from '../../engine/model/secret.ts';
import {
  localPath,
  password,
  port,
  sshArguments,
  sshHost,
  sshUser,
  wholeNumber,
  yesOrNo,
} from './value-schemas.ts';
import { type VariableDefinition } from './variable-definition.ts';

/** How a host is reached and how root's rights are got there. */
export interface ConnectionSettings {
  /** `local`: the host is the controller itself. */
  readonly type: 'ssh' | 'local';
  /** Name or address; the name of the host where nothing is set. */
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: Secret;
  /** As written; `~` and relative paths are not resolved. */
  readonly privateKeyFile?: string;
  /** Options for ssh in one string, as for a shell; first the common ones, then the extra ones. */
  readonly sshCommonArgs?: string;
  readonly sshExtraArgs?: string;
  /** Whether sudo is needed. */
  readonly become: boolean;
  readonly becomePassword?: Secret;
}

/** Ansible's variables that lvslab understands, in the order of the documentation. */
export const connectionVariables = {
  ansible_host: {
    schema: sshHost,
    expected: 'a host name or an address',
    description: 'Where to connect to.',
    default: 'the name of the host',
    usedBy: 'every host',
  },
  ansible_port: {
    schema: port,
    expected: 'a port from 1 to 65535',
    description: 'Port of the SSH server.',
    default: "what ssh's own configuration says, or `22`",
    usedBy: 'every host',
  },
  ansible_user: {
    schema: sshUser,
    expected: 'a user name',
    description: 'Whom to log in as.',
    default: "what ssh's own configuration says, or your own user name",
    usedBy: 'every host',
  },
  ansible_password: {
    schema: password,
    expected: 'a password on one line',
    description: 'Password of that user, where no key is used.',
    default: 'none',
    usedBy: 'every host',
    secret: true,
  },
  ansible_ssh_private_key_file: {
    schema: localPath,
    expected: 'the path of a file on this machine',
    description: 'Private key to log in with.',
    default: "the agent's keys and ssh's usual files",
    usedBy: 'every host',
  },
  ansible_ssh_common_args: {
    schema: sshArguments,
    expected: 'options for ssh on one line',
    description: 'Options for ssh, a `ProxyCommand` or `ProxyJump` for one.',
    default: 'none',
    usedBy: 'every host',
  },
  ansible_ssh_extra_args: {
    schema: sshArguments,
    expected: 'options for ssh on one line',
    description: 'More options for ssh.',
    default: 'none',
    usedBy: 'every host',
  },
  ansible_connection: {
    schema: z
      .enum(['ssh', 'smart', 'paramiko', 'paramiko_ssh', 'local'])
      .transform((type) => (type === 'local' ? 'local' : 'ssh')),
    expected: 'ssh or local',
    description: 'How to reach the host; `local` is the controller itself.',
    default: '`ssh`',
    usedBy: 'every host',
  },
  ansible_become: {
    schema: yesOrNo,
    expected: 'true or false',
    description: "Whether root's rights must be got with sudo after the login.",
    default: '`false`',
    usedBy: 'every host',
  },
  ansible_become_method: {
    schema: z.literal('sudo'),
    expected: 'sudo',
    description: 'How to become root.',
    default: '`sudo`',
    usedBy: 'every host',
  },
  ansible_become_user: {
    schema: z.literal('root'),
    expected: 'root',
    description: 'Whom to become: setting up a lab needs root.',
    default: '`root`',
    usedBy: 'every host',
  },
  ansible_become_password: {
    schema: password,
    expected: 'a password on one line',
    description: "The password that sudo asks for; it travels over sudo's standard input only.",
    default: 'none',
    usedBy: 'every host',
    secret: true,
  },
  ansible_group_priority: {
    schema: wholeNumber(0, 1_000_000),
    expected: 'a whole number',
    description:
      'In the `vars` of a group: which of several groups of one level wins, the greatest.',
    default: '`1`',
    usedBy: 'every host',
  },
} as const satisfies Readonly<Record<string, VariableDefinition>>;

/** Name of a connection variable. */
export type ConnectionVariable = keyof typeof connectionVariables;

/** Other names of the same variables. Ansible looks at them later, so they win. */
export const connectionAliases: ReadonlyMap<string, ConnectionVariable> = new Map([
  ['ansible_ssh_host', 'ansible_host'],
  ['ansible_ssh_port', 'ansible_port'],
  ['ansible_ssh_user', 'ansible_user'],
  ['ansible_ssh_pass', 'ansible_password'],
  ['ansible_ssh_password', 'ansible_password'],
  ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  ['ansible_become_pass', 'ansible_become_password'],
] as const);

/** Whether the value of a variable is a password. */
export function isSecretVariable(name: string): boolean {
  const main = connectionAliases.get(name) ?? name;
  const definitions: Readonly<Record<string, VariableDefinition>> = connectionVariables;
  return Object.hasOwn(definitions, main) && definitions[main]?.secret === true;
}

/** Ansible's own variables that look like a slip of the pen but aren't; lvslab has no use for them. */
export const ansibleOnlyVariables: readonly string[] = [
  'ansible_scp_extra_args',
  'ansible_ssh_pkcs11_provider',
  'ansible_su_pass',
  'ansible_su_user',
];
