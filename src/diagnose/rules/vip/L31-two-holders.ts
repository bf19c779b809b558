import { RANK, type Rule } from '../../rule.ts';

/** Another host than the director has the VIP, where only directors may. */
export const twoHolders: Rule = {
  id: 'L31',
  title: 'another host has the VIP, too',
  page: 'L31-two-holders',
  modes: ['nat'],
  rank: RANK.vip,
  isForBareHosts: true,
  find: (of) => {
    const others = Object.entries(of.readings.hosts).filter(
      ([name, { addresses }]) => name !== of.lab.director.name && addresses !== undefined,
    );
    if (others.length === 0) return 'not told';
    return others.flatMap(([host, { addresses = [] }]) => {
      const own = addresses.find(({ address }) => address === of.vip);
      if (own === undefined) return [];
      return [
        {
          host,
          what: `has the VIP ${of.vip}, and keeps packets for it to itself`,
          cause: 'the address was given twice: with LVS-NAT the director alone has the VIP',
          proof: [
            {
              host,
              command: `ip -4 -o addr show to ${of.vip}`,
              output: [`${own.device} inet ${own.address}/${own.length}`],
            },
          ],
          mend: [{ host, command: `ip addr del ${own.address}/${own.length} dev ${own.device}` }],
          isDrift: false,
          hits: 'now' as const,
        },
      ];
    });
  },
  hints: [
    'Which hosts have the VIP on an interface? `ip -4 -o addr show`, on all of them',
    'Whose MAC address does the client have for the VIP? `ip neigh show`',
  ],
};
