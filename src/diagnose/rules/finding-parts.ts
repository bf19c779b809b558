import { endpoint } from '../../ipvs/virtual-service.ts';
import {
  type LabCase,
  type LiveDestination,
  type LiveService,
  type ReadServer,
} from '../lab-case.ts';
import { type Finding } from '../rule.ts';
import { type FilterRule, type LabView } from '../readings/readings.ts';

/** How each way of handing packets on is told to ipvsadm, and how `ipvsadm -Ln` calls it. */
export const METHODS = {
  nat: { method: 'masquerading', flag: '-m', listed: 'Masq' },
  dr: { method: 'direct-routing', flag: '-g', listed: 'Route' },
  tun: { method: 'tunneling', flag: '-i', listed: 'Tunnel' },
} as const;

const LISTED = new Map<string, string>(
  Object.values(METHODS).map(({ method, listed }) => [method, listed]),
);

/** 'ipvsadm -a -t VIP:80' and the like: the command letter, and the service that it is about. */
export function ipvsadm(letter: string, { service }: Pick<LabView, 'service'>): string {
  if (service.mark !== undefined) return `ipvsadm ${letter} -f ${service.mark}`;
  return `ipvsadm ${letter} ${service.protocol === 'udp' ? '-u' : '-t'} ${endpoint(service)}`;
}

/** How the table has a server: with the port 0 where the service goes by a mark, and packets keep theirs. */
export function inTable(
  { service }: { readonly service: Pick<LiveService, 'port' | 'mark'> },
  at: string,
): string {
  const own = `:${service.port}`;
  return service.mark !== undefined && at.endsWith(own) ? `${at.slice(0, -own.length)}:0` : at;
}

/** The command that puts a server of the inventory into the table, or right there. */
export function serverCommand(
  letter: '-a' | '-e',
  lab: LabView,
  {
    address,
    port,
    weight,
  }: { readonly address: string; readonly port: number; readonly weight: number },
): string {
  const at = inTable(lab, endpoint({ address, port }));
  const to = `-r ${at} ${METHODS[lab.mode].flag} -w ${weight}`;
  return `${ipvsadm(letter, lab)} ${to}`;
}

/** The service as `ipvsadm -Ln` lists it. */
export function listing(live: LiveService): readonly string[] {
  const name =
    live.mark === undefined
      ? `${live.protocol.toUpperCase()}  ${endpoint(live)}`
      : `FWM  ${live.mark}`;
  const service = `${name} ${live.scheduler}`;
  return [
    `${service}${live.options === undefined ? '' : ` ${live.options}`}`,
    ...live.destinations.map((destination) => `  ${listed(destination, { service: live })}`),
  ];
}

/** A server as `ipvsadm -Ln` lists it. */
export function listed(
  destination: LiveDestination,
  { service }: { readonly service: Pick<LiveService, 'port' | 'mark'> },
): string {
  const method = LISTED.get(destination.method) ?? destination.method;
  return `-> ${inTable({ service }, endpoint(destination))}  ${method}  ${destination.weight}`;
}

const OTHERS = {
  tcp: /\b(udp|icmp|icmpv6|igmp|vrrp)\b/,
  udp: /\b(tcp|icmp|icmpv6|igmp|vrrp)\b/,
} as const;

/** Whether a rule of a packet filter may be about packets of this protocol; how it rejects says nothing of that. */
export function concerns({ rule }: Pick<FilterRule, 'rule'>, protocol: 'tcp' | 'udp'): boolean {
  return !OTHERS[protocol].test(rule.replace(/reject.*|--reject-with.*/, ''));
}

/** How many connections IPVS gave a server, and what came back, in the words of its counters. */
function countersOf(of: LabCase, at: string): string {
  const given = of.given(at);
  if (given === undefined) return 'its counters could not be read';
  return `Conns +${given.connections}  InPkts +${given.packetsIn}  OutPkts +${given.packetsOut}`;
}

/** Lines that show what IPVS has counted for a server, where it has. */
export function counterProof(of: LabCase, at: string): Finding['proof'] {
  const given = of.given(at);
  if (given === undefined || given.connections === 0) return [];
  return [
    {
      host: of.lab.director.name,
      command: 'ipvsadm -Ln --stats --exact',
      output: [`-> ${inTable(of.lab, at)}  ${countersOf(of, at)}`],
    },
  ];
}

/**
 * Judges each real server by itself; 'not told' where that is so of one, and nothing was found of the others.
 * @param isSeenInAnswers where the cause is so, a server answers no request: those that do need no reading.
 */
export function eachServer(
  of: LabCase,
  judge: (server: ReadServer) => Finding | undefined | 'not told',
  { isSeenInAnswers = false }: { readonly isSeenInAnswers?: boolean } = {},
): readonly Finding[] | 'not told' {
  const judged = of.servers.map((server) => {
    const found = judge(server);
    return found === 'not told' && isSeenInAnswers && of.isServing(server) ? undefined : found;
  });
  const findings = judged.flatMap((one) => (typeof one === 'object' ? [one] : []));
  if (findings.length > 0) return findings;
  return judged.includes('not told') ? 'not told' : [];
}
