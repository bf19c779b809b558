import { stringify } from 'yaml';

import { type Answers } from '../answers/answers.ts';
import {
  planInventory,
  type PlannedGroup,
  type PlannedHost,
  type PlannedVariable,
} from './plan-inventory.ts';

const INTRODUCTION = `# A lab of LVS-NAT. What to do with it: lvslab plan -i FILE, lvslab apply -i FILE, lvslab verify -i FILE
#
# Ansible reads this file as well: ansible-inventory -i FILE --list
# More variables can be set, here or in group_vars/ and host_vars/ beside it; docs/inventory.md describes all of them.
`;

const PASSWORDS = `
# The login needs a password, which is not written here. lvslab and Ansible ask for it with --ask-pass, and for the one of
# sudo with --ask-become-pass. Or write them here, or into group_vars/all.yml, encrypted:
#   ansible-vault encrypt_string --ask-vault-password --stdin-name ansible_password
`;

/** What stands above a variable. */
const COMMENTS: Readonly<Partial<Record<PlannedVariable['name'], string>>> = {
  ansible_user: 'How to log in. Keys, agents and ~/.ssh/config work as for ssh.',
  lvs_vip: 'The virtual service: what clients ask, and how the director chooses who answers.',
  lvs_dip:
    "The director's address towards the real servers. It becomes their default gateway: LVS-NAT needs that.",
  lvs_vip_interface: 'Towards the clients; carries the VIP.',
  lvs_dip_interface: 'Towards the real servers; carries the DIP.',
  ansible_ssh_common_args: 'They are logged in to through the director.',
  lvs_dns: 'Name servers for their interfaces.',
  nginx_version: 'nginx from source. The digest is checked before anything is unpacked.',
  ansible_connection: 'This machine itself sends the test traffic.',
};

const GROUP_COMMENTS: Readonly<Record<PlannedGroup['name'], string>> = {
  director: 'Hands the connections to the real servers. A lab has one.',
  real_servers: 'Answer them. Of two weights, the greater one gets more connections.',
  clients: 'Sends the test traffic.',
};

/** The inventory that complete answers make, as a file with comments; without passwords. */
export function inventoryFrom(answers: Answers): string {
  const { variables, groups } = planInventory(answers);
  const needsPassword = answers.get('login.method') === 'password';
  return [
    INTRODUCTION,
    ...(needsPassword ? [PASSWORDS] : []),
    '\nall:\n',
    variablesBlock(variables),
    ...groups.map(groupBlock),
  ].join('');
}

function groupBlock({ name, hosts, variables }: PlannedGroup): string {
  return [
    `\n# ${GROUP_COMMENTS[name]}\n${name}:\n  hosts:\n`,
    ...hosts.map(hostBlock),
    ...(variables.length === 0 ? [] : [variablesBlock(variables)]),
  ].join('');
}

function hostBlock({ name, variables }: PlannedHost): string {
  return `    ${scalar(name)}:\n${variables.map((variable) => line(variable, '      ')).join('')}`;
}

function variablesBlock(variables: readonly PlannedVariable[]): string {
  return `  vars:\n${variables.map((variable) => line(variable, '    ')).join('')}`;
}

function line({ name, value }: PlannedVariable, indent: string): string {
  const comment = COMMENTS[name];
  return `${comment === undefined ? '' : `${indent}# ${comment}\n`}${indent}${name}: ${scalar(value)}\n`;
}

/** As YAML 1.1, which Ansible reads: a word that it would take for a number or a date stands in quotes. */
function scalar(value: unknown): string {
  return stringify(value, {
    version: '1.1',
    lineWidth: 0,
    collectionStyle: 'flow',
    flowCollectionPadding: false,
  }).trimEnd();
}
