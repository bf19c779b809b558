import { type z } from 'zod';

import {
  connectionAliases,
  type ConnectionSettings,
  connectionVariables,
} from './connection-variables.ts';
import { type Variables } from '../inventory.ts';
import { type LabSettings, labVariables } from './lab-variables.ts';
import { type VariableDefinition } from './variable-definition.ts';

/** The lab's variables among checked ones, as values of their types. */
export function labSettings(vars: Variables): LabSettings {
  return parsed(labVariables, vars);
}

/** The connection variables among checked ones. */
export function connectionSettings(name: string, vars: Variables): ConnectionSettings {
  const byMainName = new Map(vars);
  for (const [alias, main] of connectionAliases) {
    const variable = vars.get(alias);
    if (variable !== undefined) byMainName.set(main, variable);
  }
  const settings = parsed(connectionVariables, byMainName);
  return {
    type: settings.ansible_connection ?? 'ssh',
    host: settings.ansible_host ?? name,
    become: settings.ansible_become ?? false,
    ...defined({
      port: settings.ansible_port,
      user: settings.ansible_user,
      password: settings.ansible_password,
      privateKeyFile: settings.ansible_ssh_private_key_file,
      sshCommonArgs: settings.ansible_ssh_common_args,
      sshExtraArgs: settings.ansible_ssh_extra_args,
      becomePassword: settings.ansible_become_password,
    }),
  };
}

type Parsed<T extends Readonly<Record<string, VariableDefinition>>> = {
  readonly [K in keyof T]?: z.output<T[K]['schema']>;
};

/** Checked before, so no value can fail here. */
function parsed<T extends Readonly<Record<string, VariableDefinition>>>(
  definitions: T,
  vars: Variables,
): Parsed<T> {
  const values = Object.entries(definitions).flatMap(([name, { schema }]) => {
    const variable = vars.get(name);
    return variable === undefined ? [] : [[name, schema.parse(variable.value)]];
  });
  return Object.fromEntries(values) as Parsed<T>;
}

/** "Not set" is an absent property, never undefined. */
function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
