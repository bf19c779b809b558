import { type LabCase } from '../../lab-case.ts';
import { type HostReading } from '../../readings/readings.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';
import { type TunnelFault, whyTunnelDrops } from '../tunnel-fault.ts';

const COUNTER = 'TcpExtIPReversePathFilter';

/** A host drops packets because they come in by another NIC than it would answer by. */
export const reversePath: Rule = {
  id: 'L07',
  title: 'rp_filter drops packets that come in by an unexpected NIC',
  page: 'L07-reverse-path',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.network,
  find: (of) => {
    if (of.isFailing === undefined) return 'not told';
    if (!of.isFailing) return [];
    const hosts = [of.lab.director.name, ...of.lab.servers.map(({ name }) => name)];
    const judged = hosts.map((host) => judge(of, host, of.host(host)));
    const findings = judged.flatMap((one) => (typeof one === 'object' ? [one] : []));
    return findings.length === 0 && judged.includes('not told') ? 'not told' : findings;
  },
  hints: [
    'Does a packet capture show requests that come in, and that nothing answers?',
    'Does this counter rise with every request? `nstat -az TcpExtIPReversePathFilter`, on the director and on the servers',
  ],
};

function judge(
  of: LabCase,
  host: string,
  reading: HostReading | undefined,
): Finding | undefined | 'not told' {
  const dropped = of.rise(reading, COUNTER);
  if (dropped === undefined) return 'not told';
  if (dropped === 0) return undefined;
  const isMissing = isWayMissing(of, host, reading);
  if (isMissing !== false) return isMissing === 'not told' ? isMissing : undefined;
  const why = whyTunnelDrops(of, reading);
  if (why !== undefined) return tunnelFinding(of, host, { why, reading, dropped });
  const strict = strictOn(reading);
  if (strict.length === 0) return undefined;
  return {
    host,
    what: 'drops packets of clients, for it would not answer them by the NIC that they come in by',
    cause: `rp_filter is in force on ${strict.join(', ')}, and the way back to the client is another one`,
    proof: [
      { host, command: `nstat -az ${COUNTER}`, output: [`${COUNTER}  +${dropped}`] },
      ...wayProof(of, host, reading),
    ],
    mend: [
      ...strayRoute(of, host, reading),
      {
        host,
        command: `sysctl -w ${['all', ...strict].map((nic) => `net.ipv4.conf.${nic}.rp_filter=0`).join(' ')}`,
      },
    ],
    isDrift: false,
    hits: 'now',
  };
}

/** A director of LVS-NAT that has no way to the client at all: the filter only shows it, and is not what has to be mended. */
function isWayMissing(
  of: LabCase,
  host: string,
  reading: HostReading | undefined,
): boolean | 'not told' {
  const { cip = '', lab } = of;
  if (lab.mode !== 'nat' || host !== lab.director.name) return false;
  const way = reading?.routes?.[cip];
  return way === undefined ? 'not told' : way.kind === 'none';
}

function tunnelFinding(
  of: LabCase,
  host: string,
  {
    why,
    reading,
    dropped,
  }: {
    readonly why: TunnelFault;
    readonly reading: HostReading | undefined;
    readonly dropped: number;
  },
): Finding {
  return {
    host,
    what: 'drops what comes out of the tunnel',
    cause: why.cause,
    proof: [
      { host, command: `nstat -az ${COUNTER}`, output: [`${COUNTER}  +${dropped}`] },
      {
        host,
        command: 'sysctl net.ipv4.conf.{all,tunl0}.rp_filter',
        output: [`rp_filter = ${why.filter} (the greater of both)`],
      },
      ...wayProof(of, host, reading),
    ],
    mend: [{ host, command: why.mend }],
    isDrift: true,
    hits: 'now',
  };
}

function wayProof(of: LabCase, host: string, reading: HostReading | undefined): Finding['proof'] {
  const { cip = '' } = of;
  const way = reading?.routes?.[cip];
  return way === undefined ? [] : [{ host, command: `ip route get ${cip}`, output: [way.printed] }];
}

/** On a director whose client is on its segment, a route through somebody else is the fault itself. */
function strayRoute(of: LabCase, host: string, reading: HostReading | undefined): Finding['mend'] {
  const { cip = '', lab } = of;
  const isStray = reading?.routes?.[cip]?.device === lab.director.inside;
  return isStray && host === lab.director.name ? [{ host, command: `ip route del ${cip}` }] : [];
}

/** The NICs on which the kernel looks: the greater of a NIC's own setting and that of all. */
function strictOn(reading: HostReading | undefined): readonly string[] {
  const settings = reading?.settings ?? {};
  const all = Number(settings['net.ipv4.conf.all.rp_filter'] ?? 0);
  const devices = (reading?.links ?? []).map(({ device }) => device);
  return devices.filter((device) => {
    if (device === 'lo' || device === 'tunl0') return false;
    return Math.max(all, Number(settings[`net.ipv4.conf.${device}.rp_filter`] ?? 0)) > 0;
  });
}
