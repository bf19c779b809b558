import { type Observed, value } from '../../../engine/model/resource.ts';
import { InterfaceAddress } from '../../../net/interface-address.ts';
import { IpAddress } from '../../../net/ip-address.ts';
import { isIpv4 } from '../formats/profile-settings.ts';
import { writtenAddress } from '../network-backend.ts';
import {
  type BootAddress,
  type BootConflict,
  type BootRoute,
  type BootView,
  type LinkKind,
} from './boot-view.ts';
import {
  type IfcfgFile,
  type InitscriptsFiles,
  placeOfVariable,
  readInitscripts,
} from './initscripts-files.ts';

/** Reads what `observeInitscripts` printed for this device: what EL7's network service makes of it. */
export function initscriptsAtBoot(output: string, device: string): Observed<BootView> {
  const read = readInitscripts(output);
  if (read.kind !== 'value') return read;
  const files = read.value;
  const own = files.configs.filter((config) => deviceOf(config, files) === device);
  const [main] = own.filter(isMain);
  const up = own.filter((config) => comesUp(config, main, files));
  const addresses = up.flatMap((config) => addressesOf(config));
  const master = main === undefined ? undefined : masterOf(main);
  const { route, conflicts } = defaultRouteOf(files);
  return value({
    comesUp: main !== undefined && up.includes(main),
    dhcp: up.some((config) => isDhcp(config)),
    addresses,
    ...(route !== undefined && { defaultRoute: route }),
    link: kindOf(main, device),
    ...(master !== undefined && { master }),
    nameServers: up.flatMap(nameServersOf),
    conflicts: [
      ...files.configs.flatMap((config) => brokenFor(config, device, files)),
      ...rivals(own.filter(isMain), device),
      ...twice(addresses),
      ...conflicts,
    ],
  });
}

function get({ variables }: IfcfgFile, key: string): string {
  return variables?.get(key) ?? '';
}

/** The NIC that a file is about; an alias is about its parent. */
function deviceOf(config: IfcfgFile, { macs }: InitscriptsFiles): string | undefined {
  if (config.variables === undefined) return undefined;
  const hardware = get(config, 'HWADDR').toUpperCase();
  const named = get(config, 'DEVICE');
  if (named !== '') return named.split(':')[0];
  const [found] = [...macs].find(([, mac]) => hardware !== '' && mac === hardware) ?? [];
  return found ?? config.name.split(':')[0];
}

function isMain(config: IfcfgFile): boolean {
  return !config.name.includes(':') && !get(config, 'DEVICE').includes(':');
}

function isNo(text: string): boolean {
  return /^[nN0]/.test(text);
}

function comesUp(config: IfcfgFile, main: IfcfgFile | undefined, files: InitscriptsFiles): boolean {
  if (main === undefined || isNo(get(main, 'ONBOOT')) || isForOther(main, files)) return false;
  return isMain(config) ? !isNo(get(config, 'ONBOOT')) : !isNo(get(config, 'ONPARENT'));
}

/** The card that the file is for is another than the one of that name. */
function isForOther(config: IfcfgFile, files: InitscriptsFiles): boolean {
  const mac = files.macs.get(deviceOf(config, files) ?? '');
  const wanted = get(config, 'HWADDR').toUpperCase();
  return wanted !== '' && mac !== undefined && wanted !== mac;
}

function isDhcp(config: IfcfgFile): boolean {
  return /^(dhcp|bootp)$/.test(get(config, 'BOOTPROTO'));
}

/** IPADDR, IPADDR0, IPADDR1 … up to a gap behind 1. */
function addressesOf(config: IfcfgFile): readonly BootAddress[] {
  if (isDhcp(config)) return [];
  const found: BootAddress[] = [];
  for (const index of ['', ...Array.from({ length: 256 }, (_, number) => String(number))]) {
    const host = get(config, `IPADDR${index}`);
    if (host === '' && Number(index) > 1) break;
    const length =
      get(config, `PREFIX${index}`) || get(config, `NETMASK${index}`) || classful(host);
    const address = writtenAddress(host, length);
    if (address !== undefined) {
      found.push({ address, ...placeOfVariable(config, `IPADDR${index}`) });
    }
  }
  return found;
}

/** What an address meant before there were netmasks. */
function classful(host: string): string {
  const first = Number(host.split('.')[0]);
  return first < 128 ? '8' : first < 192 ? '16' : '24';
}

function nameServersOf(config: IfcfgFile): readonly string[] {
  if (isNo(get(config, 'PEERDNS'))) return [];
  return [1, 2, 3].map((number) => get(config, `DNS${number}`)).filter(isIpv4);
}

function kindOf(config: IfcfgFile | undefined, device: string): LinkKind {
  const isNumbered = /[.]\d+$/.test(device);
  if (config === undefined) return isNumbered ? 'vlan' : 'plain';
  const type = get(config, 'TYPE').toLowerCase();
  const isBond = get(config, 'BONDING_OPTS') !== '' || get(config, 'BONDING_MASTER') === 'yes';
  if (type === 'bridge') return type;
  if (type === 'bond' || isBond) return 'bond';
  return isNumbered || type === 'vlan' || get(config, 'VLAN') === 'yes' ? 'vlan' : 'plain';
}

function masterOf(config: IfcfgFile): string | undefined {
  return [get(config, 'BRIDGE'), get(config, 'MASTER')].find((name) => name !== '');
}

/** Files that mean the NIC, and that the service can do nothing with. */
function brokenFor(
  config: IfcfgFile,
  device: string,
  files: InitscriptsFiles,
): readonly BootConflict[] {
  const { path, text, name } = config;
  const place = { file: path, line: 0 };
  if (config.variables === undefined) {
    if (name.split(':')[0] !== device) return [];
    return [{ ...place, why: 'sourcing it ends the shell', hint: `Look at what ${path} does.` }];
  }
  const named = get(config, 'DEVICE') || name;
  if (text.includes('\r') && named.replace('\r', '').split(':')[0] === device) {
    const line = text.split('\n').findIndex((one) => one.endsWith('\r')) + 1;
    const why = 'its lines end in a carriage return, which becomes part of every value';
    return [{ file: path, line, why, hint: `Run \`sed -i 's/\\r$//' ${path}\`.` }];
  }
  if (deviceOf(config, files) !== device || !isForOther(config, files)) return [];
  return [
    {
      ...placeOfVariable(config, 'HWADDR'),
      why: `it is for the card ${get(config, 'HWADDR')}; ${device} is ${files.macs.get(device) ?? ''}, so it is not brought up`,
      hint: `Take HWADDR out of ${path}, or write the card's own address there.`,
    },
  ];
}

function rivals(configs: readonly IfcfgFile[], device: string): readonly BootConflict[] {
  const [first, ...others] = configs;
  return others.map((config) => ({
    ...placeOfVariable(config, 'DEVICE'),
    why: `${first?.path ?? ''} is about ${device}, too`,
    hint: 'Keep one of the two files.',
  }));
}

function twice(addresses: readonly BootAddress[]): readonly BootConflict[] {
  return addresses.flatMap(({ address, file, line }, index) => {
    const before = addresses.slice(0, index).find((other) => other.address === address);
    if (before === undefined) return [];
    const why = `${address} is given at ${before.file}:${before.line} already`;
    return [{ file, line, why, hint: 'Take one of the two lines out.' }];
  });
}

/**
 * Of those that are brought up one after the other, the last with a gateway wins, unless their metrics differ. A route file
 * comes behind, and only where there is no default route yet.
 */
function defaultRouteOf(files: InitscriptsFiles): {
  readonly route?: BootRoute;
  readonly conflicts: readonly BootConflict[];
} {
  const byMetric = new Map<number, BootRoute>();
  const conflicts: BootConflict[] = [];
  for (const config of inPhases(files)) {
    const gateway = gatewayOf(config, files);
    if (gateway !== undefined) byMetric.set(gateway.metric ?? 0, gateway);
    for (const route of routesOf(config, files)) {
      const known = byMetric.get(route.metric ?? 0);
      if (known === undefined) byMetric.set(route.metric ?? 0, route);
      else if (known.gateway !== route.gateway) {
        conflicts.push({
          file: route.file,
          line: route.line,
          why: `a second default route, beside that of ${known.file}:${known.line}`,
          hint: 'Take one of the two out.',
        });
      }
    }
  }
  const [lowest] = [...byMetric].toSorted(([a], [b]) => a - b);
  return { ...(lowest !== undefined && { route: lowest[1] }), conflicts };
}

/** VLANs and bridges are brought up behind the others. */
function inPhases(files: InitscriptsFiles): readonly IfcfgFile[] {
  const up = files.configs.filter(
    (config) => isMain(config) && config.name !== 'lo' && comesUp(config, config, files),
  );
  const order: readonly LinkKind[] = ['plain', 'bond', 'vlan', 'bridge'];
  const phase = (config: IfcfgFile): number =>
    Math.max(1, order.indexOf(kindOf(config, deviceOf(config, files) ?? '')));
  return up.toSorted((a, b) => phase(a) - phase(b));
}

/** GATEWAY counts where it lies in the network of the file's first address, and GATEWAYDEV names this NIC or none. */
function gatewayOf(config: IfcfgFile, files: InitscriptsFiles): BootRoute | undefined {
  const device = deviceOf(config, files) ?? '';
  const [gateway, chosen] = [get(config, 'GATEWAY'), get(config, 'GATEWAYDEV')];
  const [first] = addressesOf(config);
  if (first === undefined || get(config, 'DEFROUTE') === 'no') return undefined;
  if (chosen !== '' && chosen !== device) return undefined;
  const metric = Number(get(config, 'METRIC'));
  const rest = { device, ...(metric > 0 && { metric }) };
  if (isIpv4(gateway) && isIn(gateway, first.address)) {
    return { ...rest, gateway, ...placeOfVariable(config, 'GATEWAY', files.global) };
  }
  if (chosen === '') return undefined;
  return { ...rest, ...placeOfVariable(config, 'GATEWAYDEV', files.global) };
}

function isIn(host: string, network: string): boolean {
  const address = IpAddress.parse(host);
  return (
    address !== undefined && InterfaceAddress.parse(network)?.network.contains(address) === true
  );
}

/** The default routes of a NIC's route file, in either of its two forms. */
function routesOf(config: IfcfgFile, files: InitscriptsFiles): readonly BootRoute[] {
  const device = deviceOf(config, files) ?? '';
  const file = files.routes.find(({ path }) => path.endsWith(`/route-${device}`));
  if (file === undefined) return [];
  const all = file.text.split('\n');
  return all.flatMap((line, index) => {
    const [, number] = /^\s*ADDRESS(\d+)=["']?0[.]0[.]0[.]0/.exec(line) ?? [];
    const [, gateway = gatewayNumbered(all, number)] =
      /^\s*(?:default|0[.]0[.]0[.]0\/0|0\/0)\s(?:.*\s)?via\s+([\d.]+)/.exec(line) ?? [];
    const [, metric] = /\smetric\s+(\d{1,10})\b/.exec(line) ?? [];
    if (gateway === undefined || !isIpv4(gateway)) return [];
    return [
      {
        device,
        gateway,
        file: file.path,
        line: index + 1,
        ...(metric !== undefined && { metric: Number(metric) }),
      },
    ];
  });
}

function gatewayNumbered(all: readonly string[], number: string | undefined): string | undefined {
  if (number === undefined) return undefined;
  const found = all.findLast((line) => line.trim().startsWith(`GATEWAY${number}=`));
  return found
    ?.trim()
    .replace(/^[^=]*=["']?/, '')
    .replace(/["'].*$/, '');
}
