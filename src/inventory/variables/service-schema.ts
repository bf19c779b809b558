import { z } from 'zod';

import { isIpv4 } from '../../net/ip-address.ts';
import { shown } from '../shown.ts';
import { ipv4, lvsMode, port, wholeNumber, yesOrNo } from './value-schemas.ts';

/** The flags of schedulers, in the order in which `ipvsadm -S` prints them. */
export const schedulerFlags = ['sh-fallback', 'sh-port', 'mh-fallback', 'mh-port'] as const;

/** IPVS keeps no client on its server for longer: 31 days. */
const LONGEST_SECONDS = 31 * 86_400;

/** A network mask in dotted form: ones, then zeroes, not only zeroes. */
function isNetmask(text: string): boolean {
  if (!isIpv4(text)) return false;
  const bits = text
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  return /^1+0*$/.test(bits);
}

/** A value of a schema, whose message says what it must be. */
function field<S extends z.ZodType>(schema: S, expected: string) {
  return z.unknown().transform((value, context): z.output<S> => {
    const read = schema.safeParse(value);
    if (read.success) return read.data;
    context.addIssue({ code: 'custom', message: `must be ${expected}, not ${shown(value)}` });
    return z.NEVER;
  });
}

const weight = field(wholeNumber(0, 65535), 'a whole number from 0 to 65535');
/** What IPVS counts of a server: one bit less than its own number has, which ipvsadm cuts off. */
const threshold = field(
  wholeNumber(0, 2 ** 31 - 1),
  `a number of connections, from 0 to ${2 ** 31 - 1}`,
);
const portNumber = field(port, 'a port from 1 to 65535');

/** As many as one rule of iptables takes. */
const MOST_PORTS = 15;
const portList = field(
  z
    .array(port)
    .min(2)
    .max(MOST_PORTS)
    .refine((ports) => new Set(ports).size === ports.length),
  `a list of 2 to ${MOST_PORTS} different ports`,
);
/** What the kernel takes has one bit more, but ipvsadm writes that down as a negative number, which it doesn't read. */
const GREATEST_MARK = 2 ** 31 - 1;
const markNumber = field(
  wholeNumber(1, GREATEST_MARK),
  `a firewall mark, a whole number from 1 to ${GREATEST_MARK}`,
);

/** What a service says of one of its servers. */
const serverOfService = z.strictObject(
  {
    weight: weight.optional(),
    port: portNumber.optional(),
    upper_threshold: threshold.optional(),
    lower_threshold: threshold.optional(),
  },
  { error: namesOf('weight, port, upper_threshold, lower_threshold') },
);

/** One entry of `lvs_services`. */
export const serviceEntry = z.strictObject(
  {
    vip: field(ipv4, 'an IPv4 address').optional(),
    port: portNumber.optional(),
    ports: portList.optional(),
    mark: markNumber.optional(),
    mode: field(lvsMode, 'nat, dr or tun').optional(),
    protocol: field(z.enum(['tcp', 'udp']), 'tcp or udp').optional(),
    scheduler: field(z.string().regex(/^[a-z]{1,15}$/), 'the name of a scheduler').optional(),
    scheduler_flags: field(
      z.array(z.enum(schedulerFlags)).max(schedulerFlags.length),
      `a list of ${schedulerFlags.join(', ')}`,
    ).optional(),
    persistence: field(
      wholeNumber(1, LONGEST_SECONDS),
      `seconds, a whole number from 1 to ${LONGEST_SECONDS}`,
    ).optional(),
    persistence_netmask: field(
      z.string().refine(isNetmask),
      'a network mask such as 255.255.255.0',
    ).optional(),
    one_packet: field(yesOrNo, 'true or false').optional(),
    servers: z
      .record(z.string().max(253), serverOfService, { error: () => 'must be a mapping by host' })
      .optional(),
  },
  {
    error: namesOf(
      'vip, port, ports, mark, mode, protocol, scheduler, scheduler_flags, persistence, persistence_netmask, one_packet, servers',
    ),
  },
);

/** What an inventory says of one virtual service; what it leaves out, the flat variables say. */
export type ServiceEntry = z.output<typeof serviceEntry>;

function namesOf(known: string) {
  return ({ code, keys }: { readonly code?: string; readonly keys?: readonly string[] }): string =>
    code === 'unrecognized_keys'
      ? `has no ${(keys ?? []).map(shown).join(', ')}; there are ${known}`
      : 'must be a mapping';
}
