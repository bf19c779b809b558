import { type Observed, value } from '../../../../engine/model/resource.ts';
import { quote } from '../../../../engine/model/shell/script.ts';
import { isIpv4 } from '../../formats/profile-settings.ts';
import { type BootAddress, type BootConflict, type BootView } from '../boot-view.ts';
import {
  addressesOf,
  comesUp,
  deviceOf,
  get,
  isDhcp,
  isForOther,
  isMain,
  isNo,
  kindOf,
} from './ifcfg-variables.ts';
import {
  type IfcfgFile,
  type InitscriptsFiles,
  initscriptsFilesOf,
  placeOfVariable,
  toldInitscripts,
} from './initscripts-files.ts';
import { defaultRouteOf, gatewayElsewhere } from './initscripts-routes.ts';

/** Reads what `observeInitscripts` printed for this device: what EL7's network service makes of it. */
export function initscriptsAtBoot(output: string, device: string): Observed<BootView> {
  const told = toldInitscripts(output);
  if (told.kind !== 'value') return told;
  return value(initscriptsViewOf(initscriptsFilesOf(told.value, device), device));
}

/** What EL7's network service makes of a NIC out of these files, or NetworkManager in its place. */
export function initscriptsViewOf(files: InitscriptsFiles, device: string): BootView {
  const own = files.configs.filter((config) => deviceOf(config, files) === device);
  const [main] = own.filter(isMain);
  const up = own.filter((config) => comesUp(config, main, files));
  const addresses = up.flatMap((config) => addressesOf(config));
  const master = main === undefined ? undefined : masterOf(main);
  const { route, conflicts } = defaultRouteOf(files);
  return {
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
      ...gatewayElsewhere(main, device, files),
      ...conflicts,
    ],
  };
}

function nameServersOf(config: IfcfgFile): readonly string[] {
  if (isNo(get(config, 'PEERDNS'))) return [];
  return [1, 2, 3].map((number) => get(config, `DNS${number}`)).filter(isIpv4);
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
    return [{ file: path, line, why, hint: `Run \`sed -i 's/\\r$//' ${quote(path)}\`.` }];
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
