import { RANK, type Rule } from '../../rule.ts';

/** A NIC that the lab needs is down. */
export const linkDown: Rule = {
  id: 'L33',
  title: 'a NIC is down',
  page: 'L33-link-down',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.vip,
  find: (of) => {
    const { director, servers } = of.lab;
    const nics = [
      [director.name, director.outside],
      [director.name, director.inside],
      ...servers.map(({ name, device }) => [name, device] as const),
    ] as const;
    const isRead = ([host]: (typeof nics)[number]): boolean => of.host(host)?.links !== undefined;
    const findings = nics.filter(isRead).flatMap(([host, device]) => {
      if (!of.isLinkDown(host, device)) return [];
      return [
        {
          host,
          what: `has its NIC ${device} down: nothing comes in or goes out by it`,
          cause: `the link ${device} was never brought up, or was taken down`,
          proof: [{ host, command: `ip link show ${device}`, output: [`${device}: state DOWN`] }],
          mend: [{ host, command: `ip link set ${device} up` }],
          isDrift: true,
          hits: 'now' as const,
        },
      ];
    });
    return findings.length > 0 || nics.every(isRead) ? findings : 'not told';
  },
  hints: [
    'Does the host see anything at all on that NIC?',
    'Is every NIC of the lab up? `ip link`, on director and servers',
  ],
};
