import { type GroupNode, type InventoryTree } from './inventory-tree.ts';
import { type ProblemList } from '../problem-list.ts';

/** How the groups of an inventory contain each other. */
export interface GroupGraph {
  /** Names of the groups of each host, in the order in which their variables are merged: parents before children. */
  readonly groupsOf: ReadonlyMap<string, readonly string[]>;
  /** Names of the hosts in each group and its children. */
  readonly hostsIn: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Works out who is in which group, as Ansible does: groups without a parent are children of `all`, hosts without a
 * group are in `ungrouped`, and of two groups of one level the greater priority wins, then the later name.
 */
export function groupGraph(
  { groups, hosts }: InventoryTree,
  problems: ProblemList,
): GroupGraph | undefined {
  adoptOrphans({ groups, hosts });
  const depths = depthsOf(groups, problems);
  if (depths === undefined) return undefined;
  const hostsIn = new Map([...groups.keys()].map((name) => [name, membersOf(groups, name)]));
  const order = [...groups.values()].sort(
    (a, b) =>
      (depths.get(a.name) ?? 0) - (depths.get(b.name) ?? 0) ||
      priorityOf(a) - priorityOf(b) ||
      (a.name < b.name ? -1 : 1),
  );
  const groupsOf = new Map(
    [...hosts.keys()].map((host) => [
      host,
      order.filter(({ name }) => hostsIn.get(name)?.has(host) === true).map(({ name }) => name),
    ]),
  );
  return { groupsOf, hostsIn };
}

function adoptOrphans({ groups, hosts }: InventoryTree): void {
  const all = groups.get('all');
  const ungrouped = groups.get('ungrouped');
  if (all === undefined || ungrouped === undefined) return;
  const children = new Set([...groups.values()].flatMap((group) => [...group.children]));
  for (const name of groups.keys()) {
    if (name !== 'all' && !children.has(name)) all.children.add(name);
  }
  const others = [...groups.values()].filter((group) => group !== all && group !== ungrouped);
  for (const host of hosts.keys()) {
    if (others.some((group) => group.hosts.has(host))) ungrouped.hosts.delete(host);
    else ungrouped.hosts.add(host);
  }
}

/** The longest way from `all` to each group; undefined, and a problem, where a group contains itself. */
function depthsOf(
  groups: ReadonlyMap<string, GroupNode>,
  problems: ProblemList,
): ReadonlyMap<string, number> | undefined {
  const depths = new Map([...groups.keys()].map((name) => [name, 0]));
  // No way without a circle is longer than there are groups.
  for (let round = 0; round <= groups.size; round += 1) {
    if (!pushDown(groups, depths)) return depths;
  }
  for (const { name, at } of groups.values()) {
    if ((depths.get(name) ?? 0) < groups.size) continue;
    problems.add(at, `group ${name} contains itself, or is within a group that does`);
  }
  return undefined;
}

/** Puts each child deeper than its parent; tells whether one had to move. */
function pushDown(groups: ReadonlyMap<string, GroupNode>, depths: Map<string, number>): boolean {
  let moved = false;
  for (const { name, children } of groups.values()) {
    const depth = (depths.get(name) ?? 0) + 1;
    for (const child of children) {
      if ((depths.get(child) ?? 0) >= depth) continue;
      depths.set(child, depth);
      moved = true;
    }
  }
  return moved;
}

function membersOf(groups: ReadonlyMap<string, GroupNode>, name: string): ReadonlySet<string> {
  const members = new Set<string>();
  const pending = [name];
  const seen = new Set(pending);
  for (const current of pending) {
    const group = groups.get(current);
    for (const host of group?.hosts ?? []) members.add(host);
    for (const child of group?.children ?? []) {
      if (!seen.has(child)) pending.push(child);
      seen.add(child);
    }
  }
  return members;
}

/** Its range is checked with the other variables. */
function priorityOf({ vars }: GroupNode): number {
  const value = vars.get('ansible_group_priority')?.value ?? 1;
  return Number.isFinite(Number(value)) ? Number(value) : 1;
}
