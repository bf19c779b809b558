import { IpAddress } from '../../net/ip-address.ts';
import { expandHostRange, MAX_HOSTS } from './host-range.ts';
import { type Variable } from '../inventory.ts';
import { type Position } from '../inventory-error.ts';
import { type YamlFile } from '../yaml/parse-yaml.ts';
import { type ProblemList } from '../problem-list.ts';
import { shown } from '../shown.ts';
import { didYouMean } from '../suggestion.ts';
import { variableOf } from '../variables/variable.ts';
import { VaultedText } from '../vault/vaulted-text.ts';

/** A group as the inventory file has it: only what stands right in it. */
export interface GroupNode {
  readonly name: string;
  readonly at: Position;
  readonly vars: Map<string, Variable>;
  readonly children: Set<string>;
  readonly hosts: Set<string>;
}

interface HostNode {
  readonly name: string;
  readonly at: Position;
  /** Why no host of a lab can be called so. */
  readonly oddName?: string;
  readonly vars: Map<string, Variable>;
}

/** The content of an inventory file, before group_vars/, host_vars/ and precedence. */
export interface InventoryTree {
  readonly groups: Map<string, GroupNode>;
  readonly hosts: Map<string, HostNode>;
}

const MAX_GROUPS = 1000;
const SECTIONS = ['hosts', 'vars', 'children'];
/** As Ansible has them; it warns of others, but takes them. */
const GROUP_NAME = /^[A-Za-z_]\w{0,99}$/;
const LONGEST_NAME = 253;
const HOST_NAME = /^\w[\w.-]{0,252}$/;

type Mapping = Readonly<Record<string, unknown>>;

/** Reads the groups of a parsed inventory file as Ansible's YAML plugin does. */
export function readInventoryTree(source: YamlFile, problems: ProblemList): InventoryTree {
  const reader = new TreeReader(source, problems);
  reader.readGroups([], source.data);
  return reader.tree;
}

class TreeReader {
  readonly tree: InventoryTree = { groups: new Map(), hosts: new Map() };
  readonly #source: YamlFile;
  readonly #problems: ProblemList;

  constructor(source: YamlFile, problems: ProblemList) {
    this.#source = source;
    this.#problems = problems;
    this.#group('all', []);
    this.#group('ungrouped', []);
  }

  /** The groups of the top level, or the children of a group. Returns their names. */
  readGroups(path: readonly string[], data: unknown): readonly string[] {
    const what = path.length === 0 ? 'the inventory' : 'children';
    const names = Object.entries(this.#mapping(path, data, what));
    return names.flatMap(([name, content]) => {
      const here = [...path, name];
      if (path.length === 0 && name === 'plugin') {
        this.#add(here, 'this configures an inventory plugin, it is no inventory');
        return [];
      }
      if (!isName(name)) {
        this.#add(here, `${shown(name)} is no name for a group`);
        return [];
      }
      // Dashes and dots are as common as they are harmless.
      if (!GROUP_NAME.test(name.replaceAll(/(?!^)[.-]/g, '_'))) {
        const message = `${shown(name)} is an odd name for a group, of which Ansible warns`;
        this.#problems.warn(this.#source.at(here), message, 'use letters, digits and _');
      }
      this.#readGroup(here, this.#group(name, here), content);
      return [name];
    });
  }

  #readGroup(path: readonly string[], group: GroupNode, data: unknown): void {
    const sections = this.#mapping(path, data ?? {}, `group ${group.name}`);
    for (const [section, content] of Object.entries(sections)) {
      const here = [...path, section];
      const entries =
        typeof content === 'string' && section !== 'vars' ? { [content]: null } : (content ?? {});
      if (section === 'hosts') this.#readHosts(here, group, entries);
      else if (section === 'vars')
        this.#readVars(here, group.vars, entries, `vars of group ${group.name}`);
      else if (section === 'children') {
        for (const child of this.readGroups(here, entries)) group.children.add(child);
      } else {
        const message = `group ${group.name} has no section ${shown(section)}, only hosts, vars and children`;
        this.#add(here, message, didYouMean(section, SECTIONS));
      }
    }
  }

  #readHosts(path: readonly string[], group: GroupNode, data: unknown): void {
    for (const [pattern, vars] of Object.entries(
      this.#mapping(path, data, `hosts of group ${group.name}`),
    )) {
      const here = [...path, pattern];
      for (const { name, port } of this.#hostsOf(here, pattern)) {
        const host = this.#host(name, here, port);
        group.hosts.add(name);
        this.#readVars(here, host.vars, vars ?? {}, `host ${name}`);
      }
    }
  }

  #hostsOf(
    path: readonly string[],
    pattern: string,
  ): readonly { readonly name: string; readonly port?: number }[] {
    const ipv6 = ipv6Name(pattern);
    if (ipv6 !== undefined) return [ipv6];
    const { range, port } = splitPort(pattern);
    try {
      const names = expandHostRange(range);
      const bad = names.find((name) => !isName(name));
      if (bad !== undefined) throw new RangeError(`${shown(bad)} can't be the name of one`);
      return names.map((name) => ({ name, ...(port !== undefined && { port }) }));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#add(path, `host ${shown(pattern)}: ${error.message}`);
      return [];
    }
  }

  #readVars(
    path: readonly string[],
    vars: Map<string, Variable>,
    data: unknown,
    what: string,
  ): void {
    for (const [name, value] of Object.entries(this.#mapping(path, data, what))) {
      const variable = variableOf(name, value, this.#source.at([...path, name]));
      vars.set(name, { ...variable, ...(this.#source.hidden && { hidden: true }) });
    }
  }

  #group(name: string, path: readonly string[]): GroupNode {
    const known = this.tree.groups.get(name);
    if (known !== undefined) return known;
    const at = this.#source.at(path);
    const group: GroupNode = { name, at, vars: new Map(), children: new Set(), hosts: new Set() };
    this.tree.groups.set(name, group);
    if (this.tree.groups.size === MAX_GROUPS + 1) {
      this.#add(path, `there are more than ${MAX_GROUPS} groups`);
    }
    return group;
  }

  #host(name: string, path: readonly string[], port: number | undefined): HostNode {
    const known = this.tree.hosts.get(name);
    if (known !== undefined) return known;
    const at = this.#source.at(path);
    const oddName = `host ${shown(name)}: ${shown(name)} can't be the name of one`;
    const host: HostNode = {
      name,
      at,
      vars: new Map(),
      ...(!HOST_NAME.test(name) && { oddName }),
    };
    if (port !== undefined) host.vars.set('ansible_port', { value: port, at });
    this.tree.hosts.set(name, host);
    if (this.tree.hosts.size === MAX_HOSTS + 1)
      this.#add(path, `there are more than ${MAX_HOSTS} hosts`);
    return host;
  }

  #mapping(path: readonly string[], data: unknown, what: string): Mapping {
    if (isMapping(data)) return data;
    const found = this.#source.hidden ? '' : `, not ${shown(data)}`;
    this.#add(path, `${what} must be a mapping${found}`, listHint(data));
    return {};
  }

  #add(path: readonly string[], message: string, suggestion?: string): void {
    this.#problems.add(this.#source.at(path), message, suggestion);
  }
}

/** Any name at all, as long as it can be shown. */
function isName(name: string): boolean {
  return name !== '' && name.length <= LONGEST_NAME && !/[\p{C}\u2028\u2029]/u.test(name);
}

/** 'web[1:3]:2222' → 'web[1:3]' and 2222; the colons of a range are none of a port's. */
function splitPort(pattern: string): { readonly range: string; readonly port?: number } {
  const [, range, port] = /^([^:]*[^:\]]|.*\]):(\d{1,5})$/s.exec(pattern) ?? [];
  if (range === undefined || pattern.endsWith(']')) return { range: pattern };
  return { range, port: Number(port) };
}

/** '2001:db8::10' or '[2001:db8::10]:22'; undefined for all else. */
function ipv6Name(pattern: string): { readonly name: string; readonly port?: number } | undefined {
  const [, bracketed, port] = /^\[([^\]]*)\](?::(\d{1,5}))?$/s.exec(pattern) ?? [];
  const name = bracketed ?? pattern;
  if (IpAddress.parse(name)?.family !== 'ipv6') return undefined;
  return { name, ...(port !== undefined && { port: Number(port) }) };
}

/** Whether parsed YAML is a mapping. */
export function isMapping(data: unknown): data is Mapping {
  return (
    typeof data === 'object' &&
    data !== null &&
    !Array.isArray(data) &&
    !(data instanceof Date) &&
    !(data instanceof VaultedText)
  );
}

function listHint(data: unknown): string | undefined {
  return Array.isArray(data) ? "write 'name:' on a line of its own, not '- name'" : undefined;
}
