import { type LabCase } from '../../lab-case.ts';
import { RANK, type Rule } from '../../rule.ts';

const COUNTER = 'TcpExtIPReversePathFilter';

/** The director's own way to the client is missing, or leads into the network of the real servers. */
export const noWayToClient: Rule = {
  id: 'L30',
  title: 'the director has no way back to the client',
  page: 'L30-no-way-to-client',
  modes: ['nat'],
  rank: RANK.network,
  find: (of) => {
    const { director, lab, cip } = of;
    const way = cip === undefined ? undefined : director?.routes?.[cip];
    if (cip === undefined || way === undefined) return 'not told';
    if (isOtherCause(of)) return [];
    const isInside = way.device === lab.director.inside && !of.isAmongServers(cip);
    if (way.kind !== 'none' && !isInside) return [];
    const dropped = of.rise(director, COUNTER);
    if (way.kind !== 'none' && dropped === undefined) return 'not told';
    const { name: host } = lab.director;
    return [
      {
        host,
        what: "gets the real servers' replies, and can't hand them on to the client",
        cause:
          way.kind === 'none'
            ? `the director has no way to ${cip}`
            : `its way to ${cip} leads into the real servers' network, by ${lab.director.inside}`,
        proof: [{ host, command: `ip route get ${cip}`, output: [way.printed] }],
        mend: [
          { host, command: `ip route show to match ${cip}` },
          { host, command: `ip route del ${cip}` },
        ],
        isDrift: false,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Do all requests time out, while `ipvsadm -Ln --stats` counts packets out to the client?',
    'Which way does the director go to the client? `ip route get` with its address, on the director',
  ],
};

/** Where the kernel looks at the way back on the way in, that is what shows; without the VIP its network is gone, too. */
function isOtherCause(of: LabCase): boolean {
  const { director, lab } = of;
  const dropped = of.rise(director, COUNTER) ?? 0;
  const hasAddress = director?.addresses?.some(({ device }) => device === lab.director.outside);
  return dropped > 0 || hasAddress === false;
}
