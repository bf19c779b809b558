import path from 'node:path';

import {
  checkVariables,
  connectionProblem,
  withoutUnreadable,
} from './variables/check-variables.ts';
import { readExtraVars } from './variables/extra-vars.ts';
import { groupGraph, type GroupGraph } from './groups/group-graph.ts';
import {
  type Group,
  type Host,
  type Inventory,
  type Variable,
  type Variables,
} from './inventory.ts';
import { type InventoryReach, type Reach, reachOf } from './groups/inventory-reach.ts';
import { type InventoryTree, readInventoryTree } from './groups/inventory-tree.ts';
import { connectionSettings, labSettings } from './variables/merge-variables.ts';
import { openVariables } from './variables/open-variables.ts';
import { ProblemList } from './problem-list.ts';
import { type Reading } from './reading.ts';
import { Vault, type VaultPassword } from './vault/vault.ts';
import { findVarsFiles, readVarsFile, readYamlFile } from './variables/vars-files.ts';

export interface LoadOptions {
  /** Values of --extra-vars, in their order: 'key=value', '{json}', '@file.yml'. */
  readonly extraVars?: readonly string[];
  /** Where relative files of --extra-vars start; the folder of the inventory file when left out. */
  readonly folder?: string;
  /** What opens encrypted files and values. */
  readonly vaultPasswords?: readonly VaultPassword[];
}

/** Where the variables of one precedence level come from, by group or host. */
type Level = ReadonlyMap<string, Map<string, Variable>>;

/**
 * Loads an inventory in Ansible's YAML format with group_vars/, host_vars/ and extra variables, merged in Ansible's
 * order: group variables (parents first), group_vars files, host variables, host_vars files, extra variables.
 * @throws InventoryError with everything that is wrong
 */
export async function loadInventory(
  file: string,
  { extraVars = [], folder = path.dirname(file), vaultPasswords = [] }: LoadOptions = {},
): Promise<Inventory> {
  const problems = new ProblemList();
  const reading = { problems, vault: new Vault(vaultPasswords) };
  const extra = await readExtraVars(extraVars, folder, reading);
  const source = await readYamlFile(file, reading);
  await openAndCheck([extra], reading);
  if (source === undefined) return problems.stop();
  const tree = readInventoryTree(source, problems);
  const graph = groupGraph(tree, problems);
  if (graph === undefined) return problems.stop();
  const reach = reachOf(tree, graph);
  const groupFiles = await readVarsFolder(file, 'group_vars', reach.groups, reading);
  const hostFiles = await readVarsFolder(file, 'host_vars', reach.hosts, reading);
  const parts = { tree, graph, groupFiles, hostFiles, extra };
  await openAndCheckLevels(parts, reach, reading);
  checkNames(tree, reach, problems);
  if (tree.hosts.size === 0) problems.add(source.at([]), 'there is no host in the inventory');
  problems.throwIfAny();
  return assemble(file, { ...parts, reach: reach.hosts, warnings: problems.warnings });
}

/** Opens what is encrypted, and checks what comes to hosts of the lab, wherever it was set. */
async function openAndCheckLevels(
  parts: Parts,
  { groups, hosts }: InventoryReach,
  reading: Reading,
): Promise<void> {
  const { tree, groupFiles, hostFiles } = parts;
  const levels = [
    ...[...tree.groups].map(([name, { vars }]) => [vars, groups.get(name)] as const),
    ...[...groupFiles].map(([name, vars]) => [vars, groups.get(name)] as const),
    ...[...tree.hosts].map(([name, { vars }]) => [vars, hosts.get(name)] as const),
    ...[...hostFiles].map(([name, vars]) => [vars, hosts.get(name)] as const),
  ];
  for (const [vars, reach] of levels) {
    await openVariables(vars, reach === 'outside' ? { ...reading, isOutside: true } : reading);
  }
  const effective = effectiveFor(parts, hosts);
  for (const [vars, reach = 'lab'] of levels) {
    if (reach === 'lab') checkVariables(vars, reading.problems);
    if (reach === 'both') {
      checkVariables(vars, reading.problems, (variable) => effective.has(variable));
    }
  }
}

/** A host of the lab has a name that can be its host name. */
function checkNames({ hosts }: InventoryTree, reach: InventoryReach, problems: ProblemList): void {
  for (const { name, at, oddName } of hosts.values()) {
    if (oddName !== undefined && reach.hosts.get(name) === 'lab') problems.add(at, oddName);
  }
}

/** The variables that a host of the lab ends up with. */
function effectiveFor(parts: Parts, reach: ReadonlyMap<string, Reach>): ReadonlySet<Variable> {
  const names = [...reach].filter(([, one]) => one === 'lab').map(([name]) => name);
  return new Set(
    names.flatMap((name) => [
      ...mergedVars(name, parts.graph.groupsOf.get(name) ?? [], parts).values(),
    ]),
  );
}

async function openAndCheck(
  levels: readonly Map<string, Variable>[],
  reading: Reading,
): Promise<void> {
  for (const vars of levels) {
    await openVariables(vars, reading);
    checkVariables(vars, reading.problems);
  }
}

async function readVarsFolder(
  inventory: string,
  folder: 'group_vars' | 'host_vars',
  reach: ReadonlyMap<string, Reach>,
  common: Reading,
): Promise<Level> {
  const level = new Map<string, Map<string, Variable>>();
  for (const [name, one] of reach) {
    const reading: Reading = one === 'outside' ? { ...common, isOutside: true } : common;
    const vars = new Map<string, Variable>();
    for (const file of await findVarsFiles(
      path.join(path.dirname(inventory), folder),
      name,
      reading.problems,
    )) {
      for (const [key, variable] of await readVarsFile(file, reading)) vars.set(key, variable);
    }
    level.set(name, vars);
  }
  return level;
}

interface Parts {
  readonly tree: InventoryTree;
  readonly graph: GroupGraph;
  readonly groupFiles: Level;
  readonly hostFiles: Level;
  readonly extra: Variables;
}

function assemble(
  file: string,
  {
    reach,
    warnings,
    ...parts
  }: Parts & Pick<Inventory, 'warnings'> & { readonly reach: ReadonlyMap<string, Reach> },
): Inventory {
  const { tree, graph } = parts;
  const hosts = [...tree.hosts.values()].map(({ name, at }): [string, Host] => {
    const groups = graph.groupsOf.get(name) ?? [];
    const vars = mergedVars(name, groups, parts);
    if (reach.get(name) === 'outside') return [name, outsideHost({ name, at, groups, vars })];
    const connection = connectionSettings(name, vars);
    return [name, { name, at, groups, vars, settings: labSettings(vars), connection }];
  });
  const groups = [...tree.groups.values()].map(({ name, at, children }): [string, Group] => [
    name,
    { name, at, children: [...children], hosts: [...(graph.hostsIn.get(name) ?? [])] },
  ]);
  return { file, hosts: new Map(hosts), groups: new Map(groups), warnings };
}

/** A host in no role: what lvslab can't read of it, it does without. */
function outsideHost(host: Pick<Host, 'name' | 'at' | 'groups' | 'vars'>): Host {
  const readable = withoutUnreadable(host.vars);
  const unusable = connectionProblem(host.vars);
  return {
    ...host,
    settings: labSettings(readable),
    connection: connectionSettings(host.name, readable),
    ...(unusable !== undefined && { unusable }),
  };
}

function mergedVars(
  host: string,
  groups: readonly string[],
  { tree, groupFiles, hostFiles, extra }: Parts,
): Variables {
  const inline = groups.map((group) => new Map(tree.groups.get(group)?.vars));
  // Ansible takes it as a property of the group; as a variable it exists in files only.
  for (const vars of inline) vars.delete('ansible_group_priority');
  return new Map(
    [
      ...inline,
      ...groups.map((group) => groupFiles.get(group)),
      tree.hosts.get(host)?.vars,
      hostFiles.get(host),
      extra,
    ].flatMap((vars) => [...(vars ?? [])]),
  );
}
