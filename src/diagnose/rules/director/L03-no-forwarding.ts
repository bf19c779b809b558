import { RANK, type Rule } from '../../rule.ts';

const KEY = 'net.ipv4.ip_forward';

/** The director does not forward: the replies of the real servers end there. */
export const noForwarding: Rule = {
  id: 'L03',
  title: 'the director does not forward',
  page: 'L03-no-forwarding',
  modes: ['nat'],
  rank: RANK.forwarding,
  find: (of) => {
    const { director, lab } = of;
    const setting = director?.settings?.[KEY];
    if (setting === undefined) return 'not told';
    if (setting === '1') return [];
    const host = lab.director.name;
    const lost = of.rise(director, 'IpInAddrErrors');
    return [
      {
        host,
        what: "drops the real servers' replies instead of forwarding them",
        cause:
          'net.ipv4.ip_forward is 0: never set, set back by a restart of the network (CentOS 7), or by a later file at boot',
        proof: [
          { host, command: `sysctl -n ${KEY}`, output: [setting], remark: 'should be 1' },
          ...(lost === undefined || lost === 0
            ? []
            : [
                {
                  host,
                  command: 'nstat -az IpInAddrErrors',
                  output: [`IpInAddrErrors  +${lost}`],
                  remark: 'packets that were for somebody else, and not forwarded',
                },
              ]),
        ],
        mend: [
          { host, command: `sysctl -w ${KEY}=1` },
          { host, command: `echo '${KEY} = 1' > /etc/sysctl.d/99-zz-forward.conf` },
        ],
        isDrift: true,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Do all requests time out, while `ipvsadm -Lnc` on the director shows SYN_RECV? Then the real servers answer, and the answers get lost.',
    'Is the director willing to hand packets on that are not its own? `sysctl net.ipv4.ip_forward`',
  ],
};
