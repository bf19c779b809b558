import { type ProblemList } from '../../inventory/problem-list.ts';
import { type IpNetwork } from '../../net/ip-network.ts';
import { IpAddress } from '../../net/ip-address.ts';
import { type DirectorDraft, type LabDraft } from '../lab-draft.ts';
import { settingOf } from '../settings.ts';
import { type KernelSetting, type Mode } from './mode.ts';

// What the modes have in common in which each real server has the VIP, and answers by it, without the director.

/** With these, a real server keeps to itself that it has the VIP. */
export const vipSettings: readonly KernelSetting[] = [
  {
    key: 'net.ipv4.conf.all.arp_ignore',
    value: '1',
    claim: 'does not answer ARP for the VIP',
    otherwise:
      'It answers ARP requests for the VIP as the director does: who hears it first sends everything to this server, past IPVS.',
  },
  {
    key: 'net.ipv4.conf.all.arp_announce',
    value: '2',
    claim: 'asks by ARP as its RIP',
    otherwise:
      'Its own ARP requests have the VIP as their sender: whom it asks for believes from then on that the VIP is here, and sends everything to this server.',
  },
];

/** Reports real servers whose replies would pass the director. */
export function checkGateways(
  { directors, realServers }: LabDraft,
  problems: ProblemList,
  title: string,
): void {
  for (const { dip } of directors) {
    for (const { host } of realServers) {
      const gateway = settingOf(host, 'lvs_gateway');
      if (dip === undefined || gateway?.value !== dip.value) continue;
      problems.add(
        gateway.at,
        `the lvs_gateway ${gateway.value} of ${host.name} is the DIP: in ${title} the director drops the replies, for they come from the VIP, its own address`,
      );
    }
  }
}

/** Replies that the director must not see. */
export function pastDirector(title: string): Mode['replyRoute'] {
  return {
    claim: 'replies past the director',
    expected: (dip) => `not via ${dip}`,
    isRight: (nextHop, dip) => nextHop !== dip,
    otherwise: `A reply that passes the director has the VIP, the director's own address, as its source: its kernel drops it as a martian, and requests to this server time out. In ${title} the gateway of the real servers is a router (lvs_gateway).`,
  };
}

/** The VIP is asked for on the NIC that is in its network. */
export function checkVips(
  { host, outsideDevice, insideDevice }: DirectorDraft,
  network: IpNetwork,
  { services }: LabDraft,
  problems: ProblemList,
): void {
  if (outsideDevice === undefined || insideDevice === undefined) return;
  const isOneNic = outsideDevice.value === insideDevice.value;
  for (const { vip } of services) {
    if (vip === undefined || network.contains(IpAddress.of(vip.value)) === isOneNic) continue;
    if (isOneNic) {
      problems.add(
        vip.at,
        `the VIP ${vip.value} is not in the network ${network.text} of ${outsideDevice.value}, the only NIC of ${host.name}: nobody there would find it`,
      );
    } else {
      problems.add(
        outsideDevice.at,
        `the VIP ${vip.value} is in the network ${network.text} of the DIP, where ${host.name} has ${insideDevice.value}, not ${outsideDevice.value}`,
        `set lvs_vip_interface to ${insideDevice.value}`,
      );
    }
  }
}
