import { z } from 'zod';

import { labVariables } from '../../inventory/variables/lab-variables.ts';
import { isIpv4 } from '../../net/ip-address.ts';
import { type Answers, type HostKey, hostName, textOf, usualName } from '../answers/answers.ts';
import { hostAddress, parseHostAddress } from '../inventory/host-address.ts';
import { type FoundNic, type Question, type QuestionContext } from './question.ts';

/** As Ansible and lvslab read it; `localhost` means this machine to both. */
const hostNames = z
  .string()
  .max(63)
  .regex(/^[a-z_]\w*([.-]\w+)*$/i)
  .refine((name) => !RESERVED.includes(name.toLowerCase()));

const RESERVED = ['localhost', 'all', 'ungrouped', 'director', 'real_servers', 'clients'];

/** What a host is called in the inventory. */
export function nameQuestion(answers: Answers, key: HostKey): Question {
  return {
    name: `${key}.name`,
    kind: 'input',
    message: 'Name in the inventory',
    schema: hostNames,
    expected:
      'a name of letters, digits, dots and dashes that is no group of the lab, nor localhost',
    default: usualName(answers, key),
    quiet: true,
  };
}

/** Where to log in to a host. */
export function addressQuestion(key: HostKey, who: string): Question {
  return {
    name: `${key}.address`,
    kind: 'input',
    message: `Where to log in to ${who} ([user@]host[:port])`,
    schema: hostAddress,
    expected: 'a host name or an IPv4 address, with user@ before and :port after it where needed',
  };
}

/** The address a host is reached at, where it is an IPv4 address. */
export function reachedAt(answers: Answers, key: HostKey): string | undefined {
  const { host } = parseHostAddress(textOf(answers, `${key}.address`) ?? '');
  return isIpv4(host) ? host : undefined;
}

/** Which NIC: one of those that were found, or typed where none could be. */
export function nicQuestion({
  name,
  key,
  message,
  taken,
  answers,
  context,
}: {
  readonly name: string;
  readonly key: HostKey;
  readonly message: string;
  /** The NIC that has another use already. */
  readonly taken?: string | undefined;
  readonly answers: Answers;
  readonly context: QuestionContext;
}): Question {
  const { schema, expected } = labVariables.lvs_interface;
  const nics = context.found.get(key)?.nics;
  const free = nics?.filter(({ device }) => device !== taken) ?? [];
  const question = { name, message, schema, expected };
  if (nics === undefined) return { ...question, kind: 'input' };
  if (free.length > 0) return { ...question, kind: 'select', choices: free.map(nicChoice) };
  return {
    ...question,
    kind: 'input',
    message: `${message} (empty: look again)`,
    note: missingNic(hostName(answers, key), nics),
    probesAgain: key,
  };
}

function nicChoice({ device, addresses }: FoundNic): { value: string; label: string } {
  const shown = addresses.length === 0 ? 'no address yet' : addresses.join(', ');
  return { value: device, label: `${device.padEnd(15)} ${shown}` };
}

function missingNic(host: string, nics: readonly FoundNic[]): string {
  const has =
    nics.length === 0 ? 'no NIC' : `no NIC but ${nics.map(({ device }) => device).join(', ')}`;
  return [
    `${host} has ${has}, and one more is needed: a director of LVS-NAT stands between two networks, with a NIC in each.`,
    'In VMware: shut the VM down, Settings > Add > Network Adapter, connect it to the other network, boot.',
    'The NIC needs no address: lvslab gives it one.',
  ].join('\n');
}
