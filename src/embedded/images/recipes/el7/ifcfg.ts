import { type LabNic, labPrefix } from '../../../lab/lab-hosts.ts';
import { nicUuid } from '../../network-files/nic-uuid.ts';

/** The tutorial's ifcfg file of a NIC that has an address: its keys, in its order. */
export function renderIfcfg({ device, mac, address, gateway }: LabNic): string {
  return [
    'TYPE=Ethernet',
    'PROXY_METHOD=none',
    'BROWSER_ONLY=no',
    'BOOTPROTO="static"',
    'DEFROUTE=yes',
    'IPV4_FAILURE_FATAL=no',
    'IPV6INIT=yes',
    'IPV6_AUTOCONF=yes',
    'IPV6_DEFROUTE=yes',
    'IPV6_FAILURE_FATAL=no',
    'IPV6_ADDR_GEN_MODE=stable-privacy',
    `NAME=${device}`,
    `UUID=${nicUuid(mac)}`,
    `DEVICE=${device}`,
    'ONBOOT=yes',
    ...(address === undefined ? [] : [`IPADDR="${address}"`, `PREFIX="${String(labPrefix)}"`]),
    ...(gateway === undefined ? [] : [`GATEWAY="${gateway}"`, 'DNS1="8.8.8.8"']),
    '',
  ].join('\n');
}
