import { RANK, type Rule } from '../../rule.ts';

/** The client sends what is for the VIP to a NIC that is not the director's, nor a real server's. */
export const staleNeighbour: Rule = {
  id: 'L10',
  title: 'the client knows an old MAC address for the VIP',
  page: 'L10-stale-neighbour',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.vip,
  find: (of) => {
    const seen = of.vipMac;
    const own = of.macOf(of.lab.director.name, of.lab.director.outside);
    if (seen === undefined || own === undefined) return 'not told';
    if (seen === 'failed' || seen === own || of.holderOf(seen) !== undefined) return [];
    // It may be one of a host that could not be read.
    if (Object.keys(of.readings.unreachable).length > 0) return 'not told';
    const { name: host, outside } = of.lab.director;
    return [
      {
        host: of.lab.client.name,
        what: "sends its requests to a NIC that is not the director's",
        cause: `it remembers ${seen} for ${of.vip}: the director that had the VIP before, or another host that answered first`,
        proof: [
          {
            host: of.lab.client.name,
            command: `ip neigh show ${of.vip}`,
            output: [`${of.vip} lladdr ${seen}`],
            remark: `should be ${own}`,
          },
        ],
        mend: [
          { host, command: `arping -U -c 3 -I ${outside} -s ${of.vip} ${of.vip}` },
          {
            host: of.lab.client.name,
            command: `ip neigh del ${of.vip} dev ${of.client?.routes?.[of.vip]?.device ?? 'DEVICE'}`,
          },
        ],
        isDrift: false,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Do the counters of `ipvsadm -Ln --stats` stand still while the client asks?',
    'Whose MAC address does the client have for the VIP? `ip neigh show`, and `ip link` on the director',
  ],
};
