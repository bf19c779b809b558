import { RANK, type Rule } from '../../rule.ts';

/** A real server answers when clients ask who has the VIP, and so gets their requests past the director. */
export const serverAnswersArp: Rule = {
  id: 'L05',
  title: 'a real server answers ARP for the VIP',
  page: 'L05-server-answers-arp',
  modes: ['dr', 'tun'],
  rank: RANK.vip,
  find: (of) => {
    const read = of.servers.filter(({ reading }) => reading?.settings !== undefined);
    if (read.length === 0) return 'not told';
    return read.flatMap(({ server, reading }) => {
      const hasVip = reading?.addresses?.some(({ address }) => address === of.vip) === true;
      const effective = (name: string): number => of.effective(reading, name, server.device);
      const isQuiet = effective('arp_ignore') >= 1 && effective('arp_announce') === 2;
      if (!hasVip || isQuiet) return [];
      const { name: host } = server;
      const own = of.macOf(host, server.device);
      const isHijacked = own !== undefined && of.vipMac === own;
      return [
        {
          host,
          what: isHijacked
            ? 'gets all requests of the client itself: the director is left out'
            : 'may answer when clients ask who has the VIP',
          cause:
            'arp_ignore and arp_announce are not 1 and 2 on all, or were set after the VIP; on lo alone they do nothing',
          proof: [
            {
              host,
              command: `sysctl net.ipv4.conf.{all,${server.device}}.arp_{ignore,announce}`,
              output: [
                `arp_ignore = ${effective('arp_ignore')}, arp_announce = ${effective('arp_announce')} (the greater of both)`,
              ],
              remark: 'should be 1 and 2',
            },
            ...(isHijacked
              ? [
                  {
                    host: of.lab.client.name,
                    command: `ip neigh show ${of.vip}`,
                    output: [`${of.vip} lladdr ${own}`],
                    remark: `is ${host}`,
                  },
                ]
              : []),
          ],
          mend: [
            {
              host,
              command: 'sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2',
            },
            {
              host: of.lab.director.name,
              command: `arping -U -c 3 -I ${of.lab.director.outside} -s ${of.vip} ${of.vip}`,
            },
          ],
          isDrift: true,
          hits: 'now' as const,
        },
      ];
    });
  },
  hints: [
    'Do all answers come from one server, while the counters of `ipvsadm -Ln --stats` stand still?',
    'Whose MAC address does the client have for the VIP? `ip neigh show`',
    'What do the real servers answer to ARP? `sysctl net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce`',
  ],
};
