import { connectionAliases, connectionVariables } from './connection-variables.ts';
import { labVariables } from './lab-variables.ts';
import { type VariableDefinition } from './variable-definition.ts';

type Definitions = Readonly<Record<string, VariableDefinition>>;

const INTRODUCTION = `# The inventory

An inventory is a file in [Ansible's YAML format](https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html),
and \`ansible-inventory -i FILE --list\` reads it too. Hosts in the group \`director\` (exactly one), \`real_servers\` (one or more)
and \`clients\` (none or more) make the lab; other hosts and groups are left alone. \`inventory/centos7.yml\` is a complete example.

Variables can stand in the inventory file and in \`group_vars/\` and \`host_vars/\` beside it. What is set twice is decided as in
Ansible; later in this list wins:

1. \`vars\` of the group \`all\`
2. \`vars\` of other groups, parents before children; on one level by \`ansible_group_priority\`, then by name
3. files in \`group_vars/\`, in the same order of groups
4. variables of the host
5. files in \`host_vars/\`
6. \`--extra-vars\`: \`key=value\`, \`'{"key": "value"}'\` or \`@file.yml\`

Templates (\`{{ … }}\`) are not supported in the variables below. Other variables are yours, and ignored, unless their names begin
with \`lvs_\`, \`nginx_\`, \`selinux_\` or \`el7_\` or look like a misspelled one.
`;

const HEADINGS = [
  ['the lab', 'The lab: all hosts must agree'],
  ['director', 'The director'],
  ['real servers', 'Real servers'],
  ['clients', 'Clients'],
] as const;

/** The reference of all variables, docs/inventory.md. */
export function renderVariablesPage(): string {
  const sections = HEADINGS.map(([user, heading]) => {
    const used = Object.entries<VariableDefinition>(labVariables).filter(
      ([, { usedBy }]) => usedBy === user,
    );
    return section(heading, Object.fromEntries(used));
  });
  return [
    INTRODUCTION,
    ...sections,
    section('How hosts are reached', connectionVariables),
    aliases(),
  ].join('\n');
}

function section(heading: string, definitions: Definitions): string {
  const entries = Object.entries(definitions).map(([name, definition]) => entry(name, definition));
  return [`## ${heading}\n`, ...entries].join('\n');
}

function entry(
  name: string,
  { expected, description, default: fallback }: VariableDefinition,
): string {
  return `### \`${name}\`

${description}

- Value: ${expected}
- Default: ${fallback ?? 'none, it must be set'}
`;
}

function aliases(): string {
  const rows = [...connectionAliases].map(([alias, name]) => `- \`${alias}\` for \`${name}\`\n`);
  return `## Other names\n\nAs in Ansible, these stand for the variables above:\n\n${rows.join('')}`;
}
