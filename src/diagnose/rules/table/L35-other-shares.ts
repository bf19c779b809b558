import { RANK, type Rule } from '../../rule.ts';
import { ipvsadm, listed, listing, serverCommand } from '../finding-parts.ts';

/** lvslab has set this lab up, and somebody has changed scheduler or weights since. */
export const otherShares: Rule = {
  id: 'L35',
  title: "the scheduler or a weight is another one than the inventory's",
  page: 'L35-other-shares',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.balance,
  find: (of) => {
    const { live, lab, director } = of;
    if (live === undefined || director?.isProvisioned === undefined) return 'not told';
    // What others have set up has the scheduler that they wanted, whatever an inventory leaves out.
    if (live === 'none' || !director.isProvisioned || lab.isShort === true) return [];
    const host = lab.director.name;
    const isFitting =
      live.scheduler === lab.service.scheduler || BY_OTHER_RULES.has(live.scheduler);
    const scheduler = isFitting
      ? []
      : [
          {
            host,
            what: 'shares the requests out in another way than the inventory says',
            cause: `the scheduler is ${live.scheduler}, and ${lab.service.scheduler} in the inventory`,
            proof: [{ host, command: 'ipvsadm -Ln', output: listing(live).slice(0, 1) }],
            mend: [{ host, command: `${ipvsadm('-E', lab)} -s ${lab.service.scheduler}` }],
            isDrift: true,
            hits: 'now' as const,
          },
        ];
    const weights = of.servers.flatMap(({ server }) => {
      const destination = of.destinationOf(server);
      if (destination === undefined || destination.weight === 0) return [];
      if (destination.weight === server.weight) return [];
      return [
        {
          host,
          what: `gives ${server.name} another share than the inventory says`,
          cause: `its weight is ${destination.weight}, and ${server.weight} in the inventory`,
          proof: [{ host, command: 'ipvsadm -Ln', output: [listed(destination, lab)] }],
          mend: [
            { host, command: serverCommand('-e', lab, { ...server, port: destination.port }) },
          ],
          isDrift: true,
          hits: 'now' as const,
        },
      ];
    });
    return [...scheduler, ...weights];
  },
  hints: [
    'Count the pages of a dozen requests: are the shares those of the inventory?',
    'Compare scheduler and weights of `ipvsadm -Ln` with the inventory.',
  ],
};

/** These have a cause of their own: one client always gets the same server. */
const BY_OTHER_RULES = new Set(['sh', 'dh', 'lblc', 'lblcr', 'mh']);
