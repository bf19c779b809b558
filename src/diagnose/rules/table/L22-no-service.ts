import { endpoint, serviceTitle } from '../../../ipvs/virtual-service.ts';
import { RANK, type Rule } from '../../rule.ts';
import { ipvsadm, listing, serverCommand } from '../finding-parts.ts';

/** The table has no service for the VIP and the port that clients ask. */
export const noService: Rule = {
  id: 'L22',
  title: 'the table has no service for this VIP and port',
  page: 'L22-no-service',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.table,
  keepsFrom: 'servers',
  find: (of) => {
    const { live, director, lab } = of;
    if (director?.ipvs === undefined) return 'not told';
    if (director.ipvs.support !== 'loaded') return [];
    if (live === undefined) return 'not told';
    if (live !== 'none') return [];
    const host = lab.director.name;
    const others = director.ipvs.table?.services ?? [];
    const isEmpty = others.length === 0;
    return [
      {
        host,
        what: `does not know the service ${serviceTitle(lab.service)}: it takes its packets for its own`,
        cause: isEmpty
          ? 'the table is empty: it was never filled, or emptied since, as `systemctl stop ipvsadm` does'
          : `the table holds other services only: ${others.map(endpoint).join(', ')}`,
        proof: [
          {
            host,
            command: 'ipvsadm -Ln',
            output: isEmpty ? ['(no service)'] : others.flatMap(listing),
          },
        ],
        mend: [
          { host, command: `${ipvsadm('-A', lab)} -s ${lab.service.scheduler}` },
          ...lab.servers.map((server) => ({ host, command: serverCommand('-a', lab, server) })),
        ],
        isDrift: true,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Are the requests refused at once, all of them? Then something answers them with a "no".',
    "Which services does the director's table hold, and for which port? `ipvsadm -Ln`",
  ],
};
