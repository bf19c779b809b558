import { RANK, type Rule } from '../../rule.ts';

/** The first kernel that takes up a port again without dropping its first packet. */
const FIXED = [5, 9] as const;

/** New connections from ports that were used before come about a second late. */
export const lateConnections: Rule = {
  id: 'L17',
  title: 'new connections are a second late where ports are used again',
  page: 'L17-late-connections',
  modes: ['nat', 'dr', 'tun'],
  protocol: 'tcp',
  rank: RANK.balance,
  find: ({ director, lab, results }) => {
    const { settings, kernel } = director ?? {};
    if (settings === undefined || kernel === undefined) return 'not told';
    if (settings['net.ipv4.vs.conntrack'] !== '1' || !isOld(kernel)) return [];
    if (settings['net.ipv4.vs.conn_reuse_mode'] === '0') return [];
    const late = results.filter(({ seconds = 0 }) => seconds >= 0.9 && seconds < 1.5);
    if (late.length === 0) return [];
    const { name: host } = lab.director;
    return [
      {
        host,
        what: `lets new connections wait for a second: ${late.length} of ${results.length}`,
        cause: `the kernel ${kernel} drops the first packet from a port that was used a moment ago while net.ipv4.vs.conntrack is 1`,
        proof: [
          {
            host,
            command: 'sysctl net.ipv4.vs.conntrack net.ipv4.vs.conn_reuse_mode; uname -r',
            output: ['1', settings['net.ipv4.vs.conn_reuse_mode'] ?? '1', kernel],
          },
        ],
        mend: [
          { host, command: 'sysctl -w net.ipv4.vs.conntrack=0' },
          { host, command: 'sysctl -w net.ipv4.vs.conn_reuse_mode=0' },
        ],
        isDrift: false,
        hits: 'now',
      },
    ];
  },
  hints: [
    'How long do connections take to come about? `curl -so /dev/null -w "%{time_connect}\\n"`, twice from one port (with --local-port)',
    'Does IPVS keep its connections in conntrack, and how old is the kernel? `sysctl net.ipv4.vs.conntrack; uname -r`',
  ],
};

function isOld(kernel: string): boolean {
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)/.exec(kernel) ?? [];
  const [fixedMajor, fixedMinor] = FIXED;
  if (major === '') return false;
  return Number(major) < fixedMajor || (Number(major) === fixedMajor && Number(minor) < fixedMinor);
}
