import { RANK, type Rule } from '../../rule.ts';

/** keepalived itself drops what is sent to the VIP. */
export const vrrpStrict: Rule = {
  id: 'L08',
  title: 'keepalived drops packets for the VIP (vrrp_strict)',
  page: 'L08-vrrp-strict',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.firewall,
  isForBareHosts: true,
  find: ({ director, lab, vip }) => {
    if (director?.keepalived === undefined) return 'not told';
    const line = director.keepalived.find((one) => /^\s*vrrp_strict\b/.test(one));
    if (line === undefined) return [];
    if (director.filtersAfter === undefined) return 'not told';
    const host = lab.director.name;
    const rules = director.filtersAfter.filter(
      ({ chain, rule }) => /\bkeepalived\b/.test(chain) || rule.includes(vip),
    );
    if (rules.length === 0) return [];
    return [
      {
        host,
        what: 'has the VIP, and drops whatever is sent to it',
        cause:
          'keepalived runs with vrrp_strict, which forbids everything but VRRP to its addresses',
        proof: [
          { host, command: 'grep -n vrrp_strict /etc/keepalived/keepalived.conf', output: [line] },
          {
            host,
            command: 'nft list ruleset || iptables -S',
            output: rules.map(({ chain, rule }) => `${chain}: ${rule}`),
          },
        ],
        mend: [
          { host, command: "sed -i '/vrrp_strict/d' /etc/keepalived/keepalived.conf" },
          { host, command: 'systemctl restart keepalived' },
        ],
        isDrift: false,
        hits: 'now',
      },
    ];
  },
  hints: [
    'Is the VIP on the director, and does not even answer a ping?',
    'Who made the rule that drops what is sent to the VIP? `nft list ruleset`, or `iptables -S`',
  ],
};
