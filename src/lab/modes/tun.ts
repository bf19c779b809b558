import { type ProblemList } from '../../inventory/problem-list.ts';
import { InterfaceAddress } from '../../net/interface-address.ts';
import { IpAddress } from '../../net/ip-address.ts';
import { type LabDraft } from '../lab-draft.ts';
import { settingOf } from '../settings.ts';
import { type KernelSetting, type Mode } from './mode.ts';
import { checkGateways, checkVips, pastDirector, vipSettings } from './vip-everywhere.ts';

/**
 * What comes out of the tunnel is checked like any other packet. Of this value and that of `all` the greater one counts,
 * so 2 is enough whatever the host has for its NICs.
 */
const reversePath: KernelSetting = {
  key: 'net.ipv4.conf.tunl0.rp_filter',
  value: '2',
  claim: 'takes what comes out of the tunnel',
  otherwise:
    'With 1 its kernel drops what comes out of the tunnel: the way back to the client is not through tunl0. Requests time out, and TcpExtIPReversePathFilter rises.',
  comesWith: 'kernel module ipip',
  spoiled: { value: '1', unless: { key: 'net.ipv4.conf.all.rp_filter', value: '2' } },
};

/** LVS-TUN: the director packs each packet into one for a real server, wherever that is, which answers as the VIP. */
export const tun: Mode = {
  name: 'tun',
  title: 'LVS-TUN',
  method: 'tunneling',
  mapsPorts: false,
  check(draft, problems) {
    for (const director of draft.directors) {
      if (director.dip === undefined) continue;
      const inside = InterfaceAddress.of(IpAddress.of(director.dip.value), draft.prefix);
      checkVips(director, inside.network, draft, problems);
    }
    checkGateways(draft, problems, 'LVS-TUN');
    checkOwnNetworks(draft, problems);
  },
  gatewayFor: (_dip, given) => given,
  directorSettings: [],
  realServerSettings: [...vipSettings, reversePath],
  oneNic: true,
  askedAt: 'vip',
  vipDevice: 'tunl0',
  wayBack: 'leads past the director',
  replyRoute: pastDirector('LVS-TUN'),
  traffic: {
    replies: 'unseen',
    repliesOtherwise:
      'IPVS counts replies (OutPkts), which in LVS-TUN do not pass it: the real servers answer through the director (their gateway), a real server reported an error by ICMP, or the table has another forwarding method.',
    largeOtherwise:
      "A packet in the tunnel is 20 bytes longer, so the largest ones don't fit: the director says so to the client by ICMP (fragmentation needed), and something on the way drops that. Small requests are answered, uploads hang. Let ICMP pass, or have the real servers ask for smaller segments: `ip route change … advmss 1440` on their routes to the clients.",
  },
};

/** A real server may be in any network, and each is reached through a router of its own network. */
function checkOwnNetworks({ realServers, prefix }: LabDraft, problems: ProblemList): void {
  for (const { host, rip } of realServers) {
    const gateway = settingOf(host, 'lvs_gateway');
    if (rip === undefined || gateway === undefined) continue;
    const { network } = InterfaceAddress.of(IpAddress.of(rip.value), prefix);
    if (network.contains(IpAddress.of(gateway.value))) continue;
    problems.add(
      gateway.at,
      `the lvs_gateway ${gateway.value} of ${host.name} is not in the network ${network.text} of its RIP ${rip.value}: it could not reach it`,
    );
  }
}
