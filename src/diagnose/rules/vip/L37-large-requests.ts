import { type LabCase } from '../../lab-case.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';

/** Small requests pass the tunnel, and large ones do not. */
export const largeRequests: Rule = {
  id: 'L37',
  title: 'large requests hang where small ones are answered',
  page: 'L37-large-requests',
  modes: ['tun'],
  protocol: 'tcp',
  rank: RANK.network,
  find(of) {
    const { largeRequest: large } = of.readings;
    // Where small ones fail, large ones do for the same reason.
    if (of.isFailing === true) return [];
    if (of.isFailing === undefined || large === undefined) return 'not told';
    if (large.outcome !== 'timed-out') return [];
    return [
      {
        host: of.lab.client.name,
        what: 'gets an answer to small requests, and none to those that fill whole packets',
        cause:
          'in the tunnel a packet is 20 bytes longer and does not fit, and what the director says of that by ICMP (fragmentation needed) does not arrive',
        proof: [
          {
            host: of.lab.client.name,
            command: `curl --max-time 6 -H "Filler: $(head -c 5000 /dev/zero | tr '\\0' x)" http://${of.vip}:${of.lab.service.port}/`,
            output: ['curl: (28) Operation timed out'],
            remark: 'without the header it is answered',
          },
        ],
        mend: mendOf(of),
        isDrift: false,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Do only uploads and long requests hang?',
    'Does the client know that its packets must be smaller? `ip route get VIP` there shows an mtu of 1480 once it was told so.',
    'Who on the way drops ICMP? `nft list ruleset`, on the client, the director and the routers between',
  ],
};

/** Smaller segments, which nobody has to be told of: the servers ask for them, or else the client sends them. */
function mendOf(of: LabCase): Finding['mend'] {
  const servers = of.servers.flatMap(({ server, reading }) => {
    const [route] = reading?.defaultRoutes ?? [];
    if (route === undefined) return [];
    return [{ host: server.name, command: `ip route change ${route.trim()} advmss 1440` }];
  });
  if (servers.length > 0) return servers;
  const way = of.client?.routes?.[of.vip];
  const words = [
    ...(way?.via === undefined ? [] : ['via', way.via]),
    ...(way?.device === undefined ? [] : ['dev', way.device]),
  ];
  return [
    {
      host: of.lab.client.name,
      command: `ip route replace ${[of.vip, ...words].join(' ')} advmss 1440 mtu lock 1480`,
    },
  ];
}
