import { type ConnectionSettings } from './variables/connection-variables.ts';
import { type Position, type Problem } from './inventory-error.ts';
import { type LabSettings } from './variables/lab-variables.ts';

/** A variable of a host or group: its value as Ansible would see it, and where it was set. */
export interface Variable {
  readonly value: unknown;
  readonly at: Position;
  /** It was encrypted: no message shows it. */
  readonly hidden?: true;
}

/** Variables by name. A map, since a file may name one `__proto__`. */
export type Variables = ReadonlyMap<string, Variable>;

export interface Host {
  readonly name: string;
  /** Where the inventory names it first. */
  readonly at: Position;
  /** All groups that it is in, `all` first, parents before children. */
  readonly groups: readonly string[];
  /** Everything that is set for it, merged in Ansible's order. */
  readonly vars: Variables;
  /** The lab's variables among `vars`, checked; without defaults. */
  readonly settings: LabSettings;
  readonly connection: ConnectionSettings;
  /** Why lvslab can't log in to it; only hosts in no role may be so. */
  readonly unusable?: string;
}

export interface Group {
  readonly name: string;
  /** Where the inventory names it first; the beginning of the file for `all` and `ungrouped`. */
  readonly at: Position;
  readonly children: readonly string[];
  /** Names of its hosts, those of its children included. */
  readonly hosts: readonly string[];
}

/** A whole inventory; of the lab's hosts every value has its type and range. Whether the lab can work is another question. */
export interface Inventory {
  /** Path of the inventory file as it was given. */
  readonly file: string;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly groups: ReadonlyMap<string, Group>;
  /** What Ansible warns of, too, and what may be a slip. */
  readonly warnings: readonly Problem[];
}
