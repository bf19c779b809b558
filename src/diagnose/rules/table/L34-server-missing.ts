import { RANK, type Rule } from '../../rule.ts';
import { listing, serverCommand } from '../finding-parts.ts';

/** A real server of the inventory is not in the table, while others are. */
export const serverMissing: Rule = {
  id: 'L34',
  title: 'a real server is not in the table',
  page: 'L34-server-missing',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.table,
  find: (of) => {
    const { live, lab } = of;
    if (live === undefined) return 'not told';
    if (live === 'none' || live.destinations.length === 0) return [];
    const host = lab.director.name;
    return of.servers.flatMap(({ server }) => {
      if (of.destinationOf(server) !== undefined) return [];
      return [
        {
          host,
          what: `gives ${server.name} no requests at all`,
          cause: `${server.address} stands in the inventory, and not in the table`,
          proof: [{ host, command: 'ipvsadm -Ln', output: listing(live) }],
          mend: [{ host, command: serverCommand('-a', lab, server) }],
          isDrift: true,
          hits: 'now' as const,
        },
      ];
    });
  },
  hints: [
    'Whose page never comes? Ask a dozen times, each over a new connection.',
    'Does every real server stand in the table? `ipvsadm -Ln`',
  ],
};
