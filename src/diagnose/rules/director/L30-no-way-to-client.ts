import { type LabCase } from '../../lab-case.ts';
import { type HostReading } from '../../readings/readings.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';

const COUNTER = 'TcpExtIPReversePathFilter';

/** The director's own way to the client is missing, or leads into the network of the real servers. */
export const noWayToClient: Rule = {
  id: 'L30',
  title: 'the director has no way back to the client',
  page: 'L30-no-way-to-client',
  modes: ['nat'],
  rank: RANK.network,
  find: (of) => {
    const { director, cip } = of;
    const way = cip === undefined ? undefined : director?.routes?.[cip];
    if (cip === undefined || way === undefined) return of.unlessPassing;
    if (isWithoutNetwork(of)) return [];
    const isCause = way.kind === 'none' || leadsInside(of, cip, way);
    if (isCause === 'not told') return isCause;
    return isCause ? [finding(of, cip, way)] : [];
  },
  hints: [
    'Do all requests time out, while `ipvsadm -Ln --stats` counts packets out to the client?',
    'Which way does the director go to the client? `ip route get` with its address, on the director',
  ],
};

/** What the director answered when it was asked for its way to an address. */
type Way = NonNullable<HostReading['routes']>[string];

/** Where the kernel looks at the way back on the way in, that is what shows, and not this. */
function leadsInside(of: LabCase, cip: string, way: Way): boolean | 'not told' {
  if (way.device !== of.lab.director.inside || of.isAmongServers(cip)) return false;
  const dropped = of.rise(of.director, COUNTER);
  return dropped === undefined ? 'not told' : dropped === 0;
}

function finding({ lab }: LabCase, cip: string, way: Way): Finding {
  const { name: host, inside } = lab.director;
  const isMissing = way.kind === 'none';
  return {
    host,
    // Without any way back the kernel may drop what the client sends, too.
    what: isMissing
      ? "can't answer the client: it has no way back"
      : "gets the real servers' replies, and can't hand them on to the client",
    cause: isMissing
      ? `the director has no way to ${cip}`
      : `its way to ${cip} leads into the real servers' network, by ${inside}`,
    proof: [{ host, command: `ip route get ${cip}`, output: [way.printed] }],
    mend: [
      { host, command: `ip route show to match ${cip}` },
      { host, command: `ip route del ${cip}` },
    ],
    isDrift: false,
    hits: 'now',
  };
}

/** Without the VIP its network is gone, too, and so it is where the link is down: that is the cause then. */
function isWithoutNetwork(of: LabCase): boolean {
  const { director, lab } = of;
  if (of.isLinkDown(lab.director.name, lab.director.outside)) return true;
  return director?.addresses?.some(({ device }) => device === lab.director.outside) === false;
}
