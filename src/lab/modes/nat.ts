import { type ProblemList } from '../../inventory/problem-list.ts';
import { InterfaceAddress } from '../../net/interface-address.ts';
import { IpAddress } from '../../net/ip-address.ts';
import { type DirectorDraft, type LabDraft } from '../lab-draft.ts';
import { addressesOf } from '../own-addresses.ts';
import { type Mode } from './mode.ts';

/** LVS-NAT: the director stands between two networks and rewrites addresses both ways, so replies must pass it. */
export const nat: Mode = {
  name: 'nat',
  title: 'LVS-NAT',
  method: 'masquerading',
  mapsPorts: true,
  check(draft, problems) {
    for (const { entry } of draft.services) {
      if (entry.value.one_packet !== true) continue;
      problems.add(
        entry.at,
        'one_packet does not work in LVS-NAT: with no connection to remember, nobody rewrites the replies, and the clients drop them',
      );
    }
    for (const director of draft.directors) {
      checkNics(director, problems);
      checkInsideNetwork(director, draft, problems);
    }
  },
  gatewayFor: (dip) => dip,
  directorSettings: [
    {
      key: 'net.ipv4.ip_forward',
      value: '1',
      claim: 'forwards packets',
      otherwise:
        'Without it the replies of the real servers end at the director and requests time out. On CentOS 7, `systemctl restart network` sets it to 0.',
    },
  ],
  realServerSettings: [],
  oneNic: false,
  askedAt: 'rip',
  wayBack: 'leads through the DIP',
  replyRoute: {
    claim: 'replies through the director',
    expected: (dip) => `via ${dip}`,
    isRight: (nextHop, dip) => nextHop === dip,
    otherwise:
      'A reply that does not pass the director keeps the RIP as its source, and the client drops it: requests to this server time out.',
  },
  traffic: {
    replies: 'counted',
    repliesOtherwise:
      'IPVS counts no reply (OutPkts), although it rewrites every one that passes it: the answers came past the director.',
  },
};

function checkNics(
  { host, outsideDevice, insideDevice }: DirectorDraft,
  problems: ProblemList,
): void {
  if (outsideDevice === undefined || outsideDevice.value !== insideDevice?.value) return;
  problems.add(
    outsideDevice.at,
    `${host.name} has ${outsideDevice.value} as lvs_vip_interface and as lvs_dip_interface: it needs a NIC in each network`,
  );
}

function checkInsideNetwork({ dip }: DirectorDraft, draft: LabDraft, problems: ProblemList): void {
  if (dip === undefined) return;
  const inside = InterfaceAddress.of(IpAddress.of(dip.value), draft.prefix).network;
  for (const { label, value, at, owner } of addressesOf(draft)) {
    const isInside = inside.contains(IpAddress.of(value));
    if (label === 'RIP' && !isInside) {
      problems.add(
        at,
        `the RIP ${value} of ${owner.name} is not in the network ${inside.text} of the DIP ${dip.value}, which can't be its gateway then`,
      );
    } else if (label === 'VIP' && isInside) {
      problems.add(
        at,
        `the VIP ${value} is in the real servers' network ${inside.text}: clients there are answered past the director, and drop the answers`,
      );
    } else if (label === 'CIP' && isInside) {
      problems.add(
        at,
        `the CIP ${value} of ${owner.name} is in the real servers' network ${inside.text}: they would answer it past the director, and it would drop the answers`,
      );
    }
  }
}
