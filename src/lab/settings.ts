import { isDeepStrictEqual } from 'node:util';

import { type Host } from '../inventory/inventory.ts';
import { type Position } from '../inventory/inventory-error.ts';
import { type LabSettings, type LabVariable } from '../inventory/variables/lab-variables.ts';
import { type ProblemList } from '../inventory/problem-list.ts';
import { shown } from '../inventory/shown.ts';
import { isIpv4 } from '../net/ip-address.ts';

/** A value, and where the inventory sets it. */
export interface Placed<T> {
  readonly value: T;
  readonly at: Position;
}

type Setting<K extends LabVariable> = Exclude<LabSettings[K], undefined>;

/** The value that is set for the host, if one is. */
export function settingOf<K extends LabVariable>(
  host: Host,
  name: K,
): Placed<Setting<K>> | undefined {
  const value = host.settings[name];
  if (value === undefined) return undefined;
  return { value: value as Setting<K>, at: host.vars.get(name)?.at ?? host.at };
}

/** The value for the host; a problem when none is set. */
export function requiredSetting<K extends LabVariable>(
  host: Host,
  name: K,
  problems: ProblemList,
): Placed<Setting<K>> | undefined {
  const setting = settingOf(host, name);
  if (setting === undefined) problems.add(host.at, `${host.name} needs the variable ${name}`);
  return setting;
}

/** The address in the variable, or the one that the host is reached at, if that is one. */
export function addressOf(host: Host, name: 'lvs_rip' | 'lvs_cip'): Placed<string> | undefined {
  const setting = settingOf(host, name);
  if (setting !== undefined) return setting;
  const { host: reachedAt, type } = host.connection;
  if (type !== 'ssh' || !isIpv4(reachedAt)) return undefined;
  return { value: reachedAt, at: host.vars.get('ansible_host')?.at ?? host.at };
}

/** The same; a problem where there is none. */
export function addressSetting(
  host: Host,
  name: 'lvs_rip' | 'lvs_cip',
  problems: ProblemList,
): Placed<string> | undefined {
  const address = addressOf(host, name);
  if (address !== undefined) return address;
  problems.add(
    host.at,
    `${host.name} needs the variable ${name}: its ansible_host is no IPv4 address`,
  );
  return undefined;
}

/** The one value that the hosts of a lab agree on, if any of them has it set; a problem for each that differs. */
export function sharedSetting<K extends LabVariable>(
  hosts: readonly Host[],
  name: K,
  problems: ProblemList,
): Placed<Setting<K>> | undefined {
  let first: { readonly host: Host; readonly setting: Placed<Setting<K>> } | undefined;
  for (const host of hosts) {
    const setting = settingOf(host, name);
    if (setting === undefined) continue;
    first ??= { host, setting };
    if (isDeepStrictEqual(setting.value, first.setting.value)) continue;
    const [here, there] = [shown(setting.value), shown(first.setting.value)];
    const suggestion = 'set it once, for the group all';
    problems.add(
      setting.at,
      `${name} is ${here} for ${host.name} but ${there} for ${first.host.name}`,
      suggestion,
    );
  }
  return first?.setting;
}
