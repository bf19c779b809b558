import { type ConnectionVariable } from '../../inventory/variables/connection-variables.ts';
import { labDefaults, type LabVariable } from '../../inventory/variables/lab-variables.ts';
import {
  type Answer,
  type Answers,
  type HostKey,
  hostKeys,
  hostName,
  realServerKeys,
  textOf,
} from '../answers/answers.ts';
import { parseHostAddress } from './host-address.ts';

/** A variable of the inventory to come, and the question it is the answer to. */
export interface PlannedVariable {
  readonly name: ConnectionVariable | LabVariable;
  readonly value: Answer | readonly string[];
  readonly answer: string;
}

export interface PlannedHost {
  readonly name: string;
  readonly variables: readonly PlannedVariable[];
}

export interface PlannedGroup {
  readonly name: 'director' | 'real_servers' | 'clients';
  readonly hosts: readonly PlannedHost[];
  readonly variables: readonly PlannedVariable[];
}

/** An inventory to come; what was not answered yet is not in it. Passwords never are. */
export interface PlannedInventory {
  /** Of the group `all`. */
  readonly variables: readonly PlannedVariable[];
  readonly groups: readonly PlannedGroup[];
}

/** The inventory that the answers so far make. */
export function planInventory(answers: Answers): PlannedInventory {
  const take = taker(answers);
  const hasClient = hostKeys(answers).includes('client');
  return {
    variables: [
      ...take('login.user', 'ansible_user'),
      ...becoming(userOf(answers), undefined, 'login.user'),
      ...take('login.key_file', 'ansible_ssh_private_key_file'),
      // The tutorial's mode is what an inventory means without a word.
      ...(answers.get('mode') === labDefaults.lvs_mode ? [] : take('mode', 'lvs_mode')),
      ...take('vip', 'lvs_vip'),
      ...take('port', 'lvs_port'),
      ...take('scheduler', 'lvs_scheduler'),
      ...take('director.dip', 'lvs_dip'),
      ...take('prefix', 'lvs_prefix'),
    ],
    groups: [
      { name: 'director', hosts: [planHost(answers, 'director')], variables: [] },
      {
        name: 'real_servers',
        hosts: realServerKeys(answers).map((key) => planHost(answers, key)),
        variables: [...jump(answers), ...gateway(answers), ...dns(answers), ...nginx(answers)],
      },
      ...(hasClient
        ? [{ name: 'clients' as const, hosts: [planHost(answers, 'client')], variables: [] }]
        : []),
    ],
  };
}

type Take = (answer: string, name: PlannedVariable['name']) => readonly PlannedVariable[];

function taker(answers: Answers): Take {
  return (answer, name) => {
    const value = answers.get(answer);
    return value === undefined ? [] : [{ name, value, answer }];
  };
}

function planHost(answers: Answers, key: HostKey): PlannedHost {
  const take = taker(answers);
  return {
    name: hostName(answers, key),
    variables: [
      ...wayTo(answers, key),
      ...take(`${key}.vip_interface`, 'lvs_vip_interface'),
      ...take(`${key}.dip_interface`, 'lvs_dip_interface'),
      ...take(`${key}.rip`, 'lvs_rip'),
      ...take(`${key}.interface`, 'lvs_interface'),
      ...take(`${key}.weight`, 'lvs_weight'),
      ...(answers.get(`${key}.takeover`) === true ? take(`${key}.takeover`, 'nginx_takeover') : []),
      ...take(`${key}.cip`, 'lvs_cip'),
    ],
  };
}

function wayTo(answers: Answers, key: HostKey): readonly PlannedVariable[] {
  if (key === 'client' && answers.get('client.kind') === 'controller') {
    return [{ name: 'ansible_connection', value: 'local', answer: 'client.kind' }];
  }
  const answer = `${key}.address`;
  const text = textOf(answers, answer);
  if (text === undefined) return [];
  const { host, user, port } = parseHostAddress(text);
  return [
    { name: 'ansible_host', value: host, answer },
    ...(port === undefined ? [] : [{ name: 'ansible_port' as const, value: port, answer }]),
    ...(user === undefined ? [] : [{ name: 'ansible_user' as const, value: user, answer }]),
    ...becoming(user, userOf(answers), answer),
  ];
}

/** Anyone but root needs sudo; said only where it differs from what holds for all hosts. */
function becoming(
  user: string | undefined,
  usual: string | undefined,
  answer: string,
): readonly PlannedVariable[] {
  if (user === undefined || (user === 'root') === ((usual ?? 'root') === 'root')) return [];
  return [{ name: 'ansible_become', value: user !== 'root', answer }];
}

function userOf(answers: Answers): string | undefined {
  return textOf(answers, 'login.user');
}

function jump(answers: Answers): readonly PlannedVariable[] {
  const address = textOf(answers, 'director.address');
  if (answers.get('login.through_director') !== true || address === undefined) return [];
  const { host, user = userOf(answers), port } = parseHostAddress(address);
  const place = `${user === undefined ? '' : `${user}@`}${host}${port === undefined ? '' : `:${port}`}`;
  const value = `-o ProxyJump=${place}`;
  return [{ name: 'ansible_ssh_common_args', value, answer: 'login.through_director' }];
}

function gateway(answers: Answers): readonly PlannedVariable[] {
  const value = textOf(answers, 'gateway');
  return value === undefined || value === ''
    ? []
    : [{ name: 'lvs_gateway', value, answer: 'gateway' }];
}

function dns(answers: Answers): readonly PlannedVariable[] {
  const servers = textOf(answers, 'dns')?.split(', ');
  return servers === undefined ? [] : [{ name: 'lvs_dns', value: servers, answer: 'dns' }];
}

/** A release is no use without its digest. */
function nginx(answers: Answers): readonly PlannedVariable[] {
  const version = textOf(answers, 'nginx.version');
  const known = version === labDefaults.nginx_version ? labDefaults.nginx_sha256 : undefined;
  const sha256 = known ?? textOf(answers, 'nginx.sha256');
  if (version === undefined || sha256 === undefined) return [];
  return [
    { name: 'nginx_version', value: version, answer: 'nginx.version' },
    { name: 'nginx_sha256', value: sha256, answer: 'nginx.sha256' },
    ...(answers.get('nginx.build') === 'each'
      ? [{ name: 'nginx_build', value: 'each', answer: 'nginx.build' } as const]
      : []),
  ];
}
