import { createHash } from 'node:crypto';

import { type LabNic, labPrefix } from '../../lab/lab-hosts.ts';

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
    `UUID=${uuidOf(mac)}`,
    `DEVICE=${device}`,
    'ONBOOT=yes',
    ...(address === undefined ? [] : [`IPADDR="${address}"`, `PREFIX="${String(labPrefix)}"`]),
    ...(gateway === undefined ? [] : [`GATEWAY="${gateway}"`, 'DNS1="8.8.8.8"']),
    '',
  ].join('\n');
}

/** Always the same for a card, as an installer's is, and no two cards' alike. */
function uuidOf(mac: string): string {
  const hex = createHash('sha256').update(mac).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}
