import {
  type LabCase,
  type LabServer,
  type ReadServer,
  type StoppedPackets,
} from '../../lab-case.ts';
import { type HostReading } from '../../readings/readings.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';
import { concerns, eachServer } from '../finding-parts.ts';
import { hears, listensOn } from './listening.ts';

const LIST = 'nft list ruleset || iptables -nvxL';
const OFF = 'systemctl disable --now firewalld';

const TIMED_OUT = 28;
/** curl's exit statuses once it was connected. */
const CONNECTED = new Set([0, 52, 56]);

/** A real server listens, and its own packet filter keeps requests from the web server. */
export const serverFirewall: Rule = {
  id: 'L28',
  title: "a real server's own firewall stops requests",
  page: 'L28-server-firewall',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.firewall,
  find: (of) => eachServer(of, (server) => judge(of, server), { isSeenInAnswers: true }),
  hints: [
    'Can the director get the page by itself, past IPVS? `curl http://RIP:PORT/`, on the director',
    'Does that server have a packet filter, and does it let the port in? `nft list ruleset`, or `iptables -nvL`',
  ],
};

function judge(of: LabCase, read: ReadServer): Finding | undefined | 'not told' {
  return of.lab.service.protocol === 'udp' ? judgeDatagrams(of, read) : judgeRequests(of, read);
}

/** The director sends none of its own: what the server's filter stops meanwhile tells. */
function judgeDatagrams(of: LabCase, read: ReadServer): Finding | undefined | 'not told' {
  const { server, reading } = read;
  const { name: host } = server;
  const stopped = of.stopped(reading);
  if (!mayBeStopped(of, read)) return undefined;
  if (stopped === undefined || reading?.listeners === undefined) return 'not told';
  const rule = stopped.find((one) => concerns(one, 'udp'));
  if (rule === undefined || !isHeard(reading.listeners, server)) return undefined;
  const withFirewalld = of.unit(host, 'firewalld')?.active === 'active';
  return {
    host,
    what: 'does not let requests through to its web server',
    cause: causeOf(rule),
    proof: filterProof(host, rule),
    mend: [{ host, command: withFirewalld ? OFF : LIST }],
    isDrift: withFirewalld,
    hits: 'now',
  };
}

/** Whether requests fail, it has none answered, and IPVS did not leave it out. */
function mayBeStopped(of: LabCase, { server: { name }, at }: ReadServer): boolean {
  const hasAnswered = of.results.some(({ server }) => server === name);
  return of.isFailing !== false && !hasAnswered && of.given(at)?.connections !== 0;
}

function judgeRequests(
  of: LabCase,
  { server, at, reading }: ReadServer,
): Finding | undefined | 'not told' {
  const { listeners } = reading ?? {};
  const status = statusAt(of, { server, at });
  if (status === undefined || listeners === undefined) return 'not told';
  if (!isHeard(listeners, server) || CONNECTED.has(status) || !isReachable(of, server.address))
    return undefined;
  const { name: host } = server;
  const withFirewalld = of.unit(host, 'firewalld')?.active === 'active';
  const [rule] = of.stopped(reading) ?? [];
  return {
    host,
    what: 'does not let requests through to its web server',
    cause: causeOf(rule),
    proof: [requestProof(of, at, status), ...filterProof(host, rule)],
    mend: [{ host, command: withFirewalld ? OFF : LIST }],
    isDrift: withFirewalld,
    hits: 'now',
  };
}

/** How a request straight to the server ended; without one, a trace tells of one that came there and was not answered. */
function statusAt(
  of: LabCase,
  { server: { name }, at }: Pick<ReadServer, 'server' | 'at'>,
): number | undefined {
  return of.reached(at) ?? (of.endsAt(name, 'request') ? TIMED_OUT : undefined);
}

function isHeard(
  listeners: NonNullable<HostReading['listeners']>,
  { address, port }: LabServer,
): boolean {
  return listensOn(listeners, port).some((one) => hears(one, address));
}

function causeOf(rule: StoppedPackets | undefined): string {
  return rule === undefined
    ? 'its web server listens, and the director does not get through to it'
    : `its packet filter has the rule: ${rule.rule}`;
}

/** How the director's own request ended, with curl's exit status. */
function requestProof(of: LabCase, at: string, status: number): Finding['proof'][number] {
  const said = status === 7 ? 'Connection refused' : 'Connection timed out';
  return {
    host: of.lab.director.name,
    command: `curl -sS -m 3 http://${at}/`,
    output: [`curl: (${status}) ${said}`],
  };
}

function filterProof(host: string, rule: StoppedPackets | undefined): Finding['proof'] {
  if (rule === undefined) return [];
  return [
    {
      host,
      command: LIST,
      output: [`${rule.chain}: ${rule.rule}`],
      remark: `+${rule.stopped} packets during the requests`,
    },
  ];
}

function isReachable(of: LabCase, address: string): boolean {
  const way = of.director?.routes?.[address];
  return way !== undefined && way.kind !== 'none' && hasAnswered(of, address);
}

/** Somebody with this address has answered the director on its segment. */
function hasAnswered(of: LabCase, address: string): boolean {
  const mac = of.director?.neighbours?.[address];
  return mac !== undefined && mac !== 'failed';
}
