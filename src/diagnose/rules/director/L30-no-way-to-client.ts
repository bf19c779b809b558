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
    if (isOtherCause(of)) return [];
    if (way.kind === 'none') return [finding(of, cip, way)];
    if (!leadsInside(of, cip, way)) return [];
    return of.rise(director, COUNTER) === undefined ? 'not told' : [finding(of, cip, way)];
  },
  hints: [
    'Do all requests time out, while `ipvsadm -Ln --stats` counts packets out to the client?',
    'Which way does the director go to the client? `ip route get` with its address, on the director',
  ],
};

/** What the director answered when it was asked for its way to an address. */
type Way = NonNullable<HostReading['routes']>[string];

function leadsInside(of: LabCase, cip: string, way: Way): boolean {
  return way.device === of.lab.director.inside && !of.isAmongServers(cip);
}

function finding({ lab }: LabCase, cip: string, way: Way): Finding {
  const { name: host, inside } = lab.director;
  return {
    host,
    what: "gets the real servers' replies, and can't hand them on to the client",
    cause:
      way.kind === 'none'
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

/**
 * Where the kernel looks at the way back on the way in, that is what shows; without the VIP its network is gone, too, and so it
 * is where the link is down.
 */
function isOtherCause(of: LabCase): boolean {
  const { director, lab } = of;
  if (of.isLinkDown(lab.director.name, lab.director.outside)) return true;
  const dropped = of.rise(director, COUNTER) ?? 0;
  const hasAddress = director?.addresses?.some(({ device }) => device === lab.director.outside);
  return dropped > 0 || hasAddress === false;
}
