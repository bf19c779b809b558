import { classfulLength, writtenAddress } from '../../network-backend.ts';
import { type BootAddress, type LinkKind } from '../boot-view.ts';
import { type IfcfgFile, type InitscriptsFiles, placeOfVariable } from './initscripts-files.ts';

/** What a shell has of a variable after it has sourced the file; '' where that is nothing. */
export function get({ variables }: IfcfgFile, key: string): string {
  return variables?.get(key) ?? '';
}

/** The NIC that a file is about; an alias is about its parent. */
export function deviceOf(config: IfcfgFile, { macs }: InitscriptsFiles): string | undefined {
  if (config.variables === undefined) return undefined;
  const hardware = get(config, 'HWADDR').toUpperCase();
  const named = get(config, 'DEVICE');
  if (named !== '') return named.split(':')[0];
  const [found] = [...macs].find(([, mac]) => hardware !== '' && mac === hardware) ?? [];
  return found ?? config.name.split(':')[0];
}

/** The service doesn't ask the file's name: a file that names neither a device nor a card of this host brings nothing up. */
function namesNothing(config: IfcfgFile, { macs }: InitscriptsFiles): boolean {
  const hardware = get(config, 'HWADDR').toUpperCase();
  return get(config, 'DEVICE') === '' && ![...macs.values()].includes(hardware);
}

/** Whether a file is about a NIC itself, and not about an alias of it. */
export function isMain(config: IfcfgFile): boolean {
  return !config.name.includes(':') && !get(config, 'DEVICE').includes(':');
}

/** How the service reads a 'no'. */
export function isNo(text: string): boolean {
  return /^[nN0]/.test(text);
}

/** Whether a NIC's file, or that of an alias, is brought up at boot. */
export function comesUp(
  config: IfcfgFile,
  main: IfcfgFile | undefined,
  files: InitscriptsFiles,
): boolean {
  if (main === undefined || isNo(get(main, 'ONBOOT')) || isForOther(main, files)) return false;
  // NetworkManager takes it for a file about any card.
  if (!files.byNetworkManager && namesNothing(main, files)) return false;
  return isMain(config) ? !isNo(get(config, 'ONBOOT')) : !isNo(get(config, 'ONPARENT'));
}

/** The card that the file is for is another than the one of that name. */
export function isForOther(config: IfcfgFile, files: InitscriptsFiles): boolean {
  const mac = files.macs.get(deviceOf(config, files) ?? '');
  const wanted = get(config, 'HWADDR').toUpperCase();
  return wanted !== '' && mac !== undefined && wanted !== mac;
}

/** Whether a file has an address asked for by DHCP. */
export function isDhcp(config: IfcfgFile): boolean {
  return /^(dhcp|bootp)$/.test(get(config, 'BOOTPROTO'));
}

/** IPADDR, IPADDR0, IPADDR1 … up to a gap behind 1. */
export function addressesOf(config: IfcfgFile): readonly BootAddress[] {
  if (isDhcp(config)) return [];
  const found: BootAddress[] = [];
  for (const index of ['', ...Array.from({ length: 256 }, (_, number) => String(number))]) {
    const host = get(config, `IPADDR${index}`);
    if (host === '' && Number(index) > 1) break;
    const length =
      get(config, `PREFIX${index}`) || get(config, `NETMASK${index}`) || classfulLength(host);
    const address = writtenAddress(host, length);
    if (address !== undefined) {
      found.push({ address, ...placeOfVariable(config, `IPADDR${index}`) });
    }
  }
  return found;
}

/** What the service makes of a NIC. */
export function kindOf(config: IfcfgFile | undefined, device: string): LinkKind {
  const isNumbered = /[.]\d+$/.test(device);
  if (config === undefined) return isNumbered ? 'vlan' : 'plain';
  const type = get(config, 'TYPE').toLowerCase();
  const isBond = get(config, 'BONDING_OPTS') !== '' || get(config, 'BONDING_MASTER') === 'yes';
  if (type === 'bridge') return type;
  if (type === 'bond' || isBond) return 'bond';
  return isNumbered || type === 'vlan' || get(config, 'VLAN') === 'yes' ? 'vlan' : 'plain';
}
