import { RANK, type Rule } from '../../rule.ts';

/** keepalived runs on the director as master, and another host with keepalived has the VIP at the same time. */
export const splitBrain: Rule = {
  id: 'L09',
  title: 'two directors have the VIP at the same time',
  page: 'L09-split-brain',
  modes: ['nat', 'dr', 'tun'],
  rank: RANK.vip,
  isForBareHosts: true,
  find: (of) => {
    const holders = Object.entries(of.readings.hosts).filter(
      ([name, { addresses = [] }]) =>
        of.unit(name, 'keepalived')?.active === 'active' &&
        addresses.some(({ address, device }) => address === of.vip && device !== 'lo'),
    );
    if (of.director?.addresses === undefined || of.director.units === undefined) return 'not told';
    if (holders.length < 2) {
      const hosts = Object.values(of.readings.hosts);
      const isAllRead = hosts.every(({ addresses, units }) => (addresses && units) !== undefined);
      const runs = of.unit('director', 'keepalived')?.active === 'active';
      return isAllRead || !runs ? [] : 'not told';
    }
    return holders.map(([host, { addresses = [] }]) => ({
      host,
      what: `has the VIP, as ${holders.length - 1} other does`,
      cause:
        'the directors do not hear each other: a firewall without the protocol vrrp, filtered multicast (224.0.0.18), or different virtual router ids',
      proof: [
        {
          host,
          command: `ip -4 -o addr show to ${of.vip}`,
          output: addresses
            .filter(({ address }) => address === of.vip)
            .map(({ device, address, length }) => `${device} inet ${address}/${length}`),
        },
      ],
      mend: [
        { host, command: 'firewall-cmd --permanent --add-protocol=vrrp && firewall-cmd --reload' },
        { host, command: "tcpdump -ni any 'ip proto 112'" },
      ],
      isDrift: false,
      hits: 'now',
    }));
  },
  hints: [
    'Which hosts have the VIP on a NIC? `ip -4 -o addr show`, on both directors',
    "Do the directors hear each other? `tcpdump -ni any 'ip proto 112'`",
  ],
};
