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
      ([name]) => name !== of.lab.director.name,
    );
    const findings = others.flatMap(([host, { addresses = [] }]) => {
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
    // A client that has it never gets as far as the director.
    const isKnown = ([host, { addresses }]: (typeof others)[number]): boolean =>
      addresses !== undefined || (host === of.lab.client.name && of.isPassing);
    if (findings.length > 0) return findings;
    return others.length > 0 && others.every(isKnown) ? [] : 'not told';
  },
  hints: [
    'Which hosts have the VIP on an interface? `ip -4 -o addr show`, on all of them',
    'Whose MAC address does the client have for the VIP? `ip neigh show`',
  ],
};
