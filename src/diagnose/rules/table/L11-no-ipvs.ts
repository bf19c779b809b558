import { RANK, type Rule } from '../../rule.ts';

/** The kernel has no IPVS, or nobody has loaded it. */
export const noIpvs: Rule = {
  id: 'L11',
  title: "the director's kernel has no IPVS, or it is not loaded",
  page: 'L11-no-ipvs',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.kernel,
  keepsFrom: 'servers',
  find({
    director,
    lab: {
      director: { name: host },
    },
  }) {
    const support = director?.ipvs?.support;
    if (support === undefined) return 'not told';
    if (support === 'loaded') return [];
    const isMissing = support === 'missing';
    const kernel = director?.kernel ?? 'that runs';
    return [
      {
        host,
        what: 'has no table of virtual services at all',
        cause: isMissing
          ? `the kernel ${kernel} has no module ip_vs`
          : 'the module ip_vs is there, and not loaded',
        proof: [
          {
            host,
            command: 'ls /proc/net/ip_vs',
            output: ["ls: cannot access '/proc/net/ip_vs': No such file or directory"],
          },
        ],
        mend: isMissing
          ? [
              {
                host,
                command:
                  "modinfo ip_vs || echo 'install the full kernel of the distribution, and boot it'",
              },
            ]
          : [{ host, command: 'modprobe ip_vs' }],
        isDrift: !isMissing,
        hits: 'now',
      },
    ];
  },
  hints: [
    "Does the director's kernel know virtual services at all? `ls /proc/net/ip_vs`",
    'Is there such a module for the kernel that runs? `modprobe -n -v ip_vs; uname -r`',
  ],
};
