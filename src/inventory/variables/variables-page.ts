import { connectionAliases, connectionVariables } from './connection-variables.ts';
import { labVariables } from './lab-variables.ts';
import { type VariableDefinition } from './variable-definition.ts';

type Definitions = Readonly<Record<string, VariableDefinition>>;

const INTRODUCTION = `# The inventory

An inventory is a file in [Ansible's YAML format](https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html),
and \`ansible-inventory -i FILE --list\` reads it too. Hosts in the group \`director\` (exactly one), \`real_servers\` (one or more)
and \`clients\` (none or more) make the lab. Hosts in none of these groups are left alone, and so are their variables: whatever they are reached by, and however they
are called, nothing of them is checked but that it is YAML. \`inventory/centos7.yml\` is a complete example. An INI file is recognised, and the
message has the command that converts it.

Variables can stand in the inventory file and in \`group_vars/\` and \`host_vars/\` beside it. What is set twice is decided as in
Ansible; later in this list wins:

1. \`vars\` of the group \`all\`
2. \`vars\` of other groups, parents before children; on one level by \`ansible_group_priority\`, then by name
3. files in \`group_vars/\`, in the same order of groups
4. variables of the host
5. files in \`host_vars/\`
6. \`--extra-vars\`: \`key=value\`, \`'{"key": "value"}'\` or \`@file.yml\`

What \`ansible-vault\` has encrypted is read as well: values (\`!vault\`), and whole files, the inventory and those of \`--extra-vars\`
too. Its password is given by \`--ask-vault-pass\`, \`--vault-password-file FILE\` (a file, or an executable that prints it),
\`--vault-id ID@FILE\`, or in Ansible's variables \`ANSIBLE_VAULT_PASSWORD_FILE\` and \`ANSIBLE_VAULT_IDENTITY_LIST\`, which suit CI.
Values that lvslab has no use for stay closed. Passwords, encrypted or not, are shown nowhere; other variables of the lab are no secrets:
plans show what becomes of them.

Templates (\`{{ … }}\`) are not supported in the variables below. Other variables are yours, and ignored, unless their names begin
with \`lvs_\`, \`nginx_\`, \`selinux_\` or \`el7_\` or look like a misspelled one. Where such a variable stands in a group that other hosts are in as well,
and resembles none of lvslab's, it is a warning.
`;

const ACCESS = `## How hosts are reached

ssh's own configuration counts: \`~/.ssh/config\` with \`Include\`, \`HostName\`, \`User\`, \`Port\`, \`IdentityFile\`, \`ProxyJump\`
and \`ProxyCommand\`, the agent, known_hosts. The variables below go before it.

- **Passwords** can stand in the inventory, encrypted with \`ansible-vault\`, or be given for all hosts that have none of their own:
  \`--ask-pass\` and \`--ask-become-pass\` ask once, before any host is contacted; \`--connection-password-file FILE\` and
  \`--become-password-file FILE\` (or \`ANSIBLE_CONNECTION_PASSWORD_FILE\`, \`ANSIBLE_BECOME_PASSWORD_FILE\`) read a file, or what an
  executable prints. A password is tried once, and never stands in an argument list.
- **Passphrases** of encrypted keys are asked for once, whatever number of hosts they are for. A key that the agent holds
  (\`ssh-add\`) needs none. Without a terminal nothing is asked.
- **Jump hosts** are logged in to by the program \`ssh\`, which asks nothing: their keys come from the agent, or need no passphrase.
- **Host keys**: where lvslab runs at a terminal, one that is seen for the first time is shown with its fingerprint and asked about, as
  ssh does: \`yes\`, \`no\`, or the fingerprint itself, which is compared. Without a terminal, and with \`--json\`, nobody is asked: unlike ssh and
  Ansible, lvslab then accepts the key, says so, and writes it to known_hosts. \`--host-key-checking ask|strict|accept-new\` decides it for a
  run: \`ask\` without a terminal, and \`strict\` always, refuse a new key, and the message gives the command that allows it.
  \`StrictHostKeyChecking\` of ssh's configuration counts where the flag is not given; \`ANSIBLE_HOST_KEY_CHECKING\` does not. A changed key is
  refused with both fingerprints. Where \`StrictHostKeyChecking=no\` lets it pass, no password is sent there, neither for the login nor for
  sudo. New keys of jump hosts are never asked about: where there is a terminal they are refused, and the message says how to accept them.
- **Time**: a host has 20 seconds for its first answer (\`-o ConnectTimeout=60\` in \`ansible_ssh_common_args\` makes it 60), and three times as
  long from then on until the login is over. One that needed long for the login has as much more time for a shell as root: 30 seconds, or
  20 times what the login took.
- **Output**: a script may print 8 MiB; a host that prints more is left with an error, and the others go on.
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
  return [INTRODUCTION, ...sections, ACCESS, ...entries(connectionVariables), aliases()].join('\n');
}

function section(heading: string, definitions: Definitions): string {
  return [`## ${heading}\n`, ...entries(definitions)].join('\n');
}

function entries(definitions: Definitions): readonly string[] {
  return Object.entries(definitions).map(([name, definition]) => entry(name, definition));
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
