import { InterfaceAddress } from '../../../../net/interface-address.ts';
import { IpAddress } from '../../../../net/ip-address.ts';
import { isIpv4 } from '../../formats/profile-settings.ts';
import { type BootConflict, type BootRoute, type LinkKind } from '../boot-view.ts';
import { addressesOf, comesUp, deviceOf, get, isDhcp, isMain, kindOf } from './ifcfg-variables.ts';
import { type IfcfgFile, type InitscriptsFiles, placeOfVariable } from './initscripts-files.ts';

/** GATEWAYDEV that names another NIC, so that the gateway of this one is passed over. */
export function gatewayElsewhere(
  main: IfcfgFile | undefined,
  device: string,
  files: InitscriptsFiles,
): readonly BootConflict[] {
  if (main === undefined || get(main, 'GATEWAY') === '') return [];
  const chosen = get(main, 'GATEWAYDEV');
  if (chosen === '' || chosen === device) return [];
  return [
    {
      about: 'default route',
      ...placeOfVariable(main, 'GATEWAYDEV', files.global),
      why: `GATEWAYDEV is ${chosen}, so the gateway of ${device} is passed over`,
      hint: `Take GATEWAYDEV out, or write GATEWAYDEV=${device}.`,
    },
  ];
}

/**
 * Of those that are brought up one after the other, the last with a gateway wins, unless their metrics differ. A route file
 * comes behind, and only where there is no default route yet.
 */
export function defaultRouteOf(files: InitscriptsFiles): {
  readonly route?: BootRoute;
  readonly conflicts: readonly BootConflict[];
} {
  const byMetric = new Map<number, BootRoute>();
  const conflicts: BootConflict[] = [];
  for (const config of inPhases(files)) {
    const gateway = gatewayOf(config, files) ?? leasedGateway(config, files);
    if (gateway !== undefined) {
      const known = byMetric.get(gateway.metric ?? 0);
      if (known !== undefined && files.byNetworkManager) conflicts.push(chance(gateway, known));
      byMetric.set(gateway.metric ?? 0, gateway);
    }
    conflicts.push(...withRouteFile(byMetric, routesOf(config, files)));
  }
  const [lowest] = [...byMetric].toSorted(([a], [b]) => a - b);
  return { ...(lowest !== undefined && { route: lowest[1] }), conflicts };
}

/** Adds the routes of a route file to those that there are by then; what is there already stays. */
function withRouteFile(
  byMetric: Map<number, BootRoute>,
  routes: readonly BootRoute[],
): readonly BootConflict[] {
  return routes.flatMap((route) => {
    const { metric = 0, file, line } = route;
    const known = byMetric.get(metric);
    if (known === undefined) byMetric.set(metric, route);
    if (known === undefined || known.gateway === route.gateway) return [];
    return [
      {
        about: 'default route' as const,
        file,
        line,
        why: `a second default route, beside that of ${known.file}:${known.line}`,
        hint: 'Take one of the two out.',
      },
    ];
  });
}

/** NetworkManager gives the NIC that is first at boot the best metric. */
function chance(route: BootRoute, other: BootRoute): BootConflict {
  return {
    about: 'default route',
    file: route.file,
    line: route.line,
    why: `a default route by ${route.device}, beside that by ${other.device} at ${other.file}:${other.line}; which one wins is chance`,
    hint: 'Write DEFROUTE=no into the file of the NIC that the default route is not to take.',
  };
}

/** A card that a file has been left behind for is not brought up; what is made of others need not be there yet. */
function isThere(config: IfcfgFile, files: InitscriptsFiles): boolean {
  const device = deviceOf(config, files) ?? '';
  return files.macs.size === 0 || files.macs.has(device) || kindOf(config, device) !== 'plain';
}

/** VLANs and bridges are brought up behind the others. */
function inPhases(files: InitscriptsFiles): readonly IfcfgFile[] {
  const up = files.configs.filter(
    (config) =>
      isMain(config) &&
      config.name !== 'lo' &&
      isThere(config, files) &&
      comesUp(config, config, files),
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
  if (first === undefined || !mayLead(config, device)) return undefined;
  const metric = Number(get(config, 'METRIC'));
  const rest = { device, ...(metric > 0 && { metric }) };
  if (isIpv4(gateway) && (files.byNetworkManager || isIn(gateway, first.address))) {
    return { ...rest, gateway, ...placeOfVariable(config, 'GATEWAY', files.global) };
  }
  if (chosen === '') return undefined;
  return { ...rest, ...placeOfVariable(config, 'GATEWAYDEV', files.global) };
}

/** Neither DEFROUTE nor GATEWAYDEV is against a default route through the NIC. */
function mayLead(config: IfcfgFile, device: string): boolean {
  const chosen = get(config, 'GATEWAYDEV');
  return get(config, 'DEFROUTE') !== 'no' && (chosen === '' || chosen === device);
}

function isIn(host: string, network: string): boolean {
  const address = IpAddress.parse(host);
  return (
    address !== undefined && InterfaceAddress.parse(network)?.network.contains(address) === true
  );
}

/** A default route that is there now through a NIC that asks by DHCP. */
function leasedGateway(config: IfcfgFile, files: InitscriptsFiles): BootRoute | undefined {
  if (!isDhcp(config) || get(config, 'DEFROUTE') === 'no') return undefined;
  const device = deviceOf(config, files) ?? '';
  const chosen = get(config, 'GATEWAYDEV');
  if (chosen !== '' && chosen !== device) return undefined;
  return files.defaults.flatMap((route): readonly BootRoute[] => {
    const [, gateway, by] = /\bvia ([\d.]+) dev (\S+)/.exec(route) ?? [];
    const place = placeOfVariable(config, 'BOOTPROTO', files.global);
    return gateway !== undefined && by === device ? [{ device, gateway, ...place }] : [];
  })[0];
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
