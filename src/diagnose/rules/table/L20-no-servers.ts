import { serviceTitle } from '../../../ipvs/virtual-service.ts';
import { RANK, type Rule } from '../../rule.ts';
import { listing, serverCommand } from '../finding-parts.ts';

/** The service is there, and has no server. */
export const noServers: Rule = {
  id: 'L20',
  title: 'the service has no servers',
  page: 'L20-no-servers',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.table,
  keepsFrom: 'servers',
  find: ({ live, lab, director }) => {
    if (live === undefined) return 'not told';
    if (live === 'none' || live.destinations.length > 0) return [];
    const host = lab.director.name;
    const hasChecker = director?.units?.['keepalived.service']?.active === 'active';
    return [
      {
        host,
        what: `has the service ${serviceTitle(lab.service)}, with no server in it: every request is refused`,
        cause: hasChecker
          ? 'keepalived runs and has removed every server: its checks of them fail'
          : 'no server was added, or somebody has removed them all',
        proof: [{ host, command: 'ipvsadm -Ln', output: listing(live) }],
        mend: hasChecker
          ? [{ host, command: "journalctl -u keepalived | grep -E 'Removing service|Lost quorum'" }]
          : lab.servers.map((server) => ({ host, command: serverCommand('-a', lab, server) })),
        isDrift: !hasChecker,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Are the requests refused at once, all of them? Then something answers them with a "no".',
    'Does the service stand in the table, and what stands below it? `ipvsadm -Ln`',
  ],
};
