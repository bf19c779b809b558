import { type LabCase, type LabServer, type ReadServer } from '../../lab-case.ts';
import { type Finding, RANK, type Rule } from '../../rule.ts';
import { eachServer } from '../finding-parts.ts';

/** A real server answers when clients ask who has the VIP, and so gets their requests past the director. */
export const serverAnswersArp: Rule = {
  id: 'L05',
  title: 'a real server answers ARP for the VIP',
  page: 'L05-server-answers-arp',
  modes: ['dr', 'tun'],
  rank: RANK.vip,
  find: (of) => eachServer(of, (server) => judge(of, server)),
  hints: [
    'Do all answers come from one server, while the counters of `ipvsadm -Ln --stats` stand still?',
    'Whose MAC address does the client have for the VIP? `ip neigh show`',
    'What do the real servers answer to ARP? `sysctl net.ipv4.conf.all.arp_ignore net.ipv4.conf.all.arp_announce`',
  ],
};

/** How a server answers ARP on its NIC; undefined where that was not read, or it has no NIC of that name. */
function settingsOf(
  of: LabCase,
  device: string,
  reading: ReadServer['reading'],
): { readonly ignore: number; readonly announce: number } | undefined {
  const ignore = of.effective(reading, 'arp_ignore', device);
  const announce = of.effective(reading, 'arp_announce', device);
  if (ignore === undefined || announce === undefined) return undefined;
  const isThere = reading?.links?.some((link) => link.device === device) !== false;
  return isThere ? { ignore, announce } : undefined;
}

function judge(of: LabCase, { server, reading }: ReadServer): Finding | undefined | 'not told' {
  const heard = settingsOf(of, server.device, reading);
  if (reading?.addresses === undefined || heard === undefined) return 'not told';
  const { ignore, announce } = heard;
  const hasVip = reading.addresses.some(({ address }) => address === of.vip);
  if (!hasVip || (ignore >= 1 && announce === 2)) return undefined;
  const { name: host } = server;
  const hijacked = hijackProof(of, server);
  return {
    host,
    what:
      hijacked.length > 0
        ? 'gets all requests of the client itself: the director is left out'
        : 'may answer when clients ask who has the VIP',
    cause:
      'arp_ignore and arp_announce are not 1 and 2 on all, or were set after the VIP; on lo alone they do nothing',
    proof: [
      {
        host,
        command: `sysctl net.ipv4.conf.{all,${server.device}}.arp_{ignore,announce}`,
        output: [`arp_ignore = ${ignore}, arp_announce = ${announce} (the greater of both)`],
        remark: 'should be 1 and 2',
      },
      ...hijacked,
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
    hits: 'now',
  };
}

/** That the client has the MAC address of this server for the VIP, where it has. */
function hijackProof(of: LabCase, { name, device }: LabServer): Finding['proof'] {
  const own = of.macOf(name, device);
  if (own === undefined || of.vipMac !== own) return [];
  return [
    {
      host: of.lab.client.name,
      command: `ip neigh show ${of.vip}`,
      output: [`${of.vip} lladdr ${own}`],
      remark: `is ${name}`,
    },
  ];
}
