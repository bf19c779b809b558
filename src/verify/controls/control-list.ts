import { type Script, sh } from '../../engine/model/shell/script.ts';
import { deltaCommand } from '../../ipvs/table/table-deltas.ts';
import { type Destination, type VirtualService } from '../../ipvs/virtual-service.ts';
import { type RealServer } from '../../lab/lab.ts';
import { type KernelSetting, type VipDevice } from '../../lab/modes/mode.ts';
import { InterfaceAddress } from '../../net/interface-address.ts';
import { IpAddress } from '../../net/ip-address.ts';
import { MARKS } from '../../platforms/packet-marks/mark-filter.ts';
import { loopbackLabel } from '../../platforms/network/loopback/loopback-label.ts';
import { type LabUnderTest } from '../lab-under-test.ts';

/** A condition of the lab that is taken away for a moment, and the checks that have to notice. */
interface Condition {
  /** 'forwarding', as people call the condition. */
  readonly name: string;
  /** Where it is taken away. */
  readonly host: string;
  /** Takes it away; ends with `NOT_POSSIBLE` where that can't be done without harm. */
  readonly take: Script;
  /** Puts it back, however often it is run. */
  readonly putBack: Script;
  /** Names of the checks that must fail meanwhile. */
  readonly reddens: readonly string[];
  /** A real server that must not be asked at all meanwhile. */
  readonly unasked?: string;
  /** Why `take` may end with `NOT_POSSIBLE`. */
  readonly notPossible?: string;
}

export interface Control extends Condition {
  /** It is one that the mode asks for; the others are asked for in every mode. */
  readonly isOfMode: boolean;
}

/** The exit status of a condition that can't be taken away: somebody would be cut off, or nothing would be lost with it. */
export const NOT_POSSIBLE = 3;

const ANSWERED = 'every request is answered';

/** All controls of one service, for a client that comes from this address. */
export function controlsOf(
  test: Pick<LabUnderTest, 'lab' | 'service' | 'director'>,
  clientAddress: string | undefined,
): readonly Control[] {
  const { lab, director } = test;
  const last = lab.realServers.findLast(({ weight }) => weight > 0);
  if (last === undefined) return [];
  const ofMode = [
    ...lab.mode.directorSettings.map((setting) =>
      settingControl(setting, director.name, [ANSWERED]),
    ),
    ...(clientAddress === undefined ? [] : [wayBack(test, last, clientAddress)]),
    ...lab.mode.realServerSettings.map((setting) =>
      settingControl(
        setting,
        last.name,
        // With the other one, what it answers is heard by the other real servers.
        setting.key.endsWith('arp_ignore') && lab.realServers.length > 1
          ? [`only ${director.name} answers ARP for the VIP`]
          : [],
      ),
    ),
    ...(lab.mode.vipDevice === undefined ? [] : vipControls(test, last.name, lab.mode.vipDevice)),
  ];
  const others = [
    ...tableControls(test, last.name),
    ...(test.service.mark === undefined ? [] : [marksControl(director.name)]),
  ];
  return [
    ...ofMode.map((control) => ({ ...control, isOfMode: true })),
    ...others.map((control) => ({ ...control, isOfMode: false })),
  ];
}

/** Without its mark, a packet is one for the director itself. */
function marksControl(host: string): Condition {
  return {
    name: "the marks of the service's packets",
    host,
    take: sh`
      systemctl is-active --quiet ${MARKS} || exit ${NOT_POSSIBLE}
      systemctl stop ${MARKS}
    `,
    putBack: sh`systemctl start ${MARKS}`,
    reddens: [ANSWERED],
    notPossible: `it is not ${MARKS}.service that marks them`,
  };
}

function settingControl(
  { key, value, claim, spoiled }: KernelSetting,
  host: string,
  more: readonly string[],
): Condition {
  const path = pathOf(key);
  const control = { name: key, host, putBack: sh`echo ${value} >${path}` };
  const own = `${host} ${claim}`;
  if (spoiled === undefined) {
    return { ...control, take: sh`echo 0 >${path}`, reddens: [own, ...more] };
  }
  const { unless } = spoiled;
  return {
    ...control,
    take: sh`
      if [ "$(cat ${pathOf(unless.key)})" = ${unless.value} ]; then exit ${NOT_POSSIBLE}; fi
      echo ${spoiled.value} >${path}
    `,
    reddens: [own, ANSWERED],
    notPossible: `${unless.key} is ${unless.value}, which counts in its place`,
  };
}

function pathOf(key: string): string {
  return `/proc/sys/${key.replaceAll('.', '/')}`;
}

/** The replies to the client go another way, and nothing else does. */
function wayBack(
  { lab, director }: Pick<LabUnderTest, 'lab' | 'director'>,
  { name, nic }: Pick<RealServer, 'name' | 'nic'>,
  clientAddress: string,
): Condition {
  const route = `${clientAddress}/32`;
  const dip = director.inside.address;
  const { network } = InterfaceAddress.of(IpAddress.of(nic.address), nic.prefix);
  // From another network the director can't be the next hop, and no way at all is as wrong.
  const astray =
    lab.mode.askedAt === 'vip' && network.contains(IpAddress.of(dip))
      ? sh`ip route add ${route} via ${dip} dev ${nic.device} metric 1`
      : sh`ip route add blackhole ${route} metric 1`;
  return {
    name: 'the way back to the client',
    host: name,
    // A session from the client's own address would be cut off with it.
    take: sh`
      case " $(ss -Htn state established '( sport = :ssh )' 2>/dev/null) \${SSH_CONNECTION-} " in
        *${clientAddress}[:\ ]*) exit ${NOT_POSSIBLE} ;;
      esac
      ${astray}
    `,
    putBack: sh`
      if [ -n "$(ip route show ${route} metric 1; ip route show type blackhole ${route})" ]; then
        ip route del ${route} metric 1
      fi
    `,
    reddens: [`${name} ${lab.mode.replyRoute.claim}`, ANSWERED],
  };
}

function vipControls(
  { service }: Pick<LabUnderTest, 'service'>,
  host: string,
  device: VipDevice,
): readonly Condition[] {
  const address = `${service.address}/32`;
  const label = device === 'lo' ? ['label', loopbackLabel(service.address)] : [];
  const vip: Condition = {
    name: `the VIP on ${device}`,
    host,
    take: sh`ip addr del ${address} dev ${device}`,
    putBack: sh`
      if [ -z "$(ip -o -4 addr show dev ${device} to ${address})" ]; then
        ip addr add ${[address, 'dev', device, ...label]}
      fi
    `,
    reddens: [`${host} takes packets for the VIP`, ANSWERED],
  };
  if (device === 'lo') return [vip];
  const end: Condition = {
    name: 'the end of the tunnel',
    host,
    take: sh`ip link set ${device} down`,
    putBack: sh`ip link set ${device} up`,
    reddens: [`${host} has its end of the tunnel`, ANSWERED],
  };
  return [vip, end];
}

/** Another weight, and a server that is in no table: its web server runs, and nobody asks it. */
function tableControls(
  { lab, service, director }: Pick<LabUnderTest, 'lab' | 'service' | 'director'>,
  last: string,
): readonly Condition[] {
  const destination = service.destinations[lab.realServers.findIndex(({ name }) => name === last)];
  if (destination === undefined) return [];
  const inTable = `${director.name} has the virtual service`;
  const heavier = { ...destination, weight: destination.weight + 1 };
  const edit = (to: Destination): Script =>
    sh`${deltaCommand({ kind: 'edit-destination', service, from: destination, destination: to })}`;
  const others = service.destinations.some((one) => one !== destination && one.weight > 0);
  return [
    {
      name: `the weight of ${last}`,
      host: director.name,
      take: edit(heavier),
      putBack: edit(destination),
      reddens: [inTable],
    },
    ...(others
      ? [
          {
            name: `${last} in the table`,
            host: director.name,
            take: sh`${deltaCommand({ kind: 'delete-destination', service, destination })}`,
            putBack: addIfMissing(service, destination),
            reddens: [inTable],
            unasked: last,
          },
        ]
      : []),
  ];
}

function addIfMissing(service: VirtualService, destination: Destination): Script {
  const add = deltaCommand({ kind: 'add-destination', service, destination });
  const edit = deltaCommand({ kind: 'edit-destination', service, from: destination, destination });
  return sh`${add} 2>/dev/null || ${edit}`;
}
