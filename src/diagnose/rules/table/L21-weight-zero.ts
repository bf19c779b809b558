import { RANK, type Rule } from '../../rule.ts';
import { listed, serverCommand } from '../finding-parts.ts';

/** A server has the weight 0 in the table, and another one in the inventory. */
export const weightZero: Rule = {
  id: 'L21',
  title: 'a server has the weight 0',
  page: 'L21-weight-zero',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.table,
  find: (of) => {
    const { live, lab } = of;
    if (live === undefined) return 'not told';
    const host = lab.director.name;
    const isAll = of.destinations.every(({ weight }) => weight === 0);
    return of.servers.flatMap(({ server }) => {
      const destination = of.destinationOf(server);
      if (destination?.weight !== 0 || server.weight === 0) return [];
      return [
        {
          host,
          what: isAll
            ? `has the weight 0 for ${server.name} and all others: every request is refused`
            : `gives ${server.name} no new connections`,
          cause: `its weight in the table is 0, which is ${server.weight} in the inventory`,
          proof: [{ host, command: 'ipvsadm -Ln', output: [listed(destination, lab)] }],
          mend: [
            {
              host,
              command: serverCommand('-e', lab, { ...server, port: destination.port }),
            },
          ],
          isDrift: true,
          hits: 'now' as const,
        },
      ];
    });
  },
  hints: [
    'Whose page never comes? Ask a dozen times, each over a new connection.',
    'What stands in the column Weight of `ipvsadm -Ln`?',
  ],
};
