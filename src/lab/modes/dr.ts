import { type ProblemList } from '../../inventory/problem-list.ts';
import { InterfaceAddress } from '../../net/interface-address.ts';
import { IpAddress } from '../../net/ip-address.ts';
import { type IpNetwork } from '../../net/ip-network.ts';
import { type LabDraft } from '../lab-draft.ts';
import { type Mode } from './mode.ts';
import { checkGateways, checkVips, pastDirector, vipSettings } from './vip-everywhere.ts';

/** LVS-DR: the director changes only the hardware address of a frame, and real servers answer as the VIP, past it. */
export const dr: Mode = {
  name: 'dr',
  title: 'LVS-DR',
  method: 'direct-routing',
  mapsPorts: false,
  check(draft, problems) {
    checkSegment(draft, problems);
    checkGateways(draft, problems, 'LVS-DR');
  },
  gatewayFor: (_dip, given) => given,
  directorSettings: [],
  realServerSettings: vipSettings,
  oneNic: true,
  askedAt: 'vip',
  vipDevice: 'lo',
  wayBack: 'leads past the director',
  replyRoute: pastDirector('LVS-DR'),
  traffic: {
    replies: 'unseen',
    repliesOtherwise:
      'IPVS counts replies (OutPkts), which in LVS-DR do not pass it: the real servers answer through the director (their gateway), or its table has another forwarding method.',
  },
};

function checkSegment(draft: LabDraft, problems: ProblemList): void {
  for (const director of draft.directors) {
    if (director.dip === undefined) continue;
    const { network } = InterfaceAddress.of(IpAddress.of(director.dip.value), draft.prefix);
    checkRips(director.dip.value, network, draft, problems);
    checkVips(director, network, draft, problems);
  }
}

/** A frame that only its hardware address leads reaches nobody behind a router. */
function checkRips(
  dip: string,
  network: IpNetwork,
  { realServers }: LabDraft,
  problems: ProblemList,
): void {
  for (const { host, rip } of realServers) {
    if (rip === undefined || network.contains(IpAddress.of(rip.value))) continue;
    problems.add(
      rip.at,
      `the RIP ${rip.value} of ${host.name} is not in the network ${network.text} of the DIP ${dip}: in LVS-DR the director changes nothing but the hardware address, and such a frame passes no router`,
    );
  }
}
