import { type GroupGraph } from './group-graph.ts';
import { type InventoryTree } from './inventory-tree.ts';

/** Groups that make the lab. */
const ROLES = ['director', 'real_servers', 'clients'];

/** Whose variables they are: hosts with a role, hosts without, or both. */
export type Reach = 'lab' | 'outside' | 'both';

/** The reach of each group and of each host, by name. */
export interface InventoryReach {
  readonly groups: ReadonlyMap<string, Reach>;
  readonly hosts: ReadonlyMap<string, Reach>;
}

/** Whom each group and each host is about. Where no host has a role, every one may be meant to. */
export function reachOf({ hosts }: InventoryTree, { hostsIn }: GroupGraph): InventoryReach {
  const inRoles = new Set(ROLES.flatMap((role) => [...(hostsIn.get(role) ?? [])]));
  const lab = inRoles.size === 0 ? new Set(hosts.keys()) : inRoles;
  const reachOfGroup = (name: string, members: ReadonlySet<string>): Reach => {
    const inside = [...members].filter((host) => lab.has(host)).length;
    if (inside === members.size || ROLES.includes(name)) return 'lab';
    return inside === 0 ? 'outside' : 'both';
  };
  return {
    groups: new Map([...hostsIn].map(([name, members]) => [name, reachOfGroup(name, members)])),
    hosts: new Map([...hosts.keys()].map((name) => [name, lab.has(name) ? 'lab' : 'outside'])),
  };
}
