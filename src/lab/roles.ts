import { type Host, type Inventory } from '../inventory/inventory.ts';
import { type ProblemList } from '../inventory/problem-list.ts';
import { closest } from '../inventory/suggestion.ts';

/** The hosts that make the lab, by what they do in it. Hosts in no role have no part in it. */
export interface Roles {
  readonly directors: readonly Host[];
  readonly realServers: readonly Host[];
  readonly clients: readonly Host[];
}

const GROUPS = ['director', 'real_servers', 'clients'] as const;
type RoleGroup = (typeof GROUPS)[number];

/** Reads who is what: directors and real servers, of which there are some, any clients, and no host twice. */
export function readRoles(inventory: Inventory, problems: ProblemList): Roles {
  const directors = hostsIn(inventory, 'director', problems);
  const servers = hostsIn(inventory, 'real_servers', problems);
  const clients = hostsIn(inventory, 'clients', problems);
  for (const host of inventory.hosts.values()) {
    const roles = GROUPS.filter((group) => host.groups.includes(group));
    if (roles.length > 1)
      problems.add(host.at, `${host.name} is in ${roles.join(' and ')}: a host has one role`);
  }
  // A host with two roles is judged in its first one only: what it lacks for the other is no news then.
  const realServers = servers.filter((host) => !directors.includes(host));
  return {
    directors,
    realServers,
    clients: clients.filter((host) => !directors.includes(host) && !realServers.includes(host)),
  };
}

function hostsIn(inventory: Inventory, name: RoleGroup, problems: ProblemList): readonly Host[] {
  const group = inventory.groups.get(name);
  const members = new Set(group?.hosts);
  if (members.size === 0) reportEmpty(inventory, name, problems);
  return [...inventory.hosts.values()].filter((host) => members.has(host.name));
}

/** A missing group of clients is fine, unless one looks like it. */
function reportEmpty(inventory: Inventory, name: RoleGroup, problems: ProblemList): void {
  const group = inventory.groups.get(name);
  const others = [...inventory.groups.keys()].filter(
    (other) => !GROUPS.some((known) => known === other),
  );
  const alike =
    group === undefined ? inventory.groups.get(closest(name, others, 3) ?? '') : undefined;
  if (alike !== undefined) {
    problems.add(
      alike.at,
      `there is no group ${name} but a group ${alike.name}`,
      `did you mean ${name}?`,
    );
  } else if (name !== 'clients') {
    const at = group?.at ?? { file: inventory.file, line: 1, column: 1 };
    problems.add(
      at,
      group === undefined ? `there is no group ${name}` : `group ${name} has no host`,
    );
  }
}
