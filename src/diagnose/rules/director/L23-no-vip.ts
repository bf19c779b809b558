import { RANK, type Rule } from '../../rule.ts';

/** No NIC of the director has the VIP. */
export const noVip: Rule = {
  id: 'L23',
  title: 'the VIP is on no NIC of the director',
  page: 'L23-no-vip',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.vip,
  keepsFrom: 'director',
  find: ({ director, lab, vip }) => {
    if (director?.addresses === undefined) return 'not told';
    if (director.addresses.some(({ address }) => address === vip)) return [];
    const { name: host, outside } = lab.director;
    return [
      {
        host,
        what: `does not have the VIP ${vip}: nobody answers when clients ask who has it`,
        cause: `no NIC has the address: it was never set, set by hand and lost since, or moved to another director`,
        proof: [{ host, command: `ip -4 -o addr show to ${vip}`, output: ['(nothing)'] }],
        mend: [{ host, command: `ip addr add ${vip}/24 dev ${outside}` }],
        isDrift: true,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Does anybody answer when the client asks who has the VIP? `ip neigh show` on the client',
    'Which host has the VIP on a NIC? `ip -4 -o addr show`',
  ],
};
