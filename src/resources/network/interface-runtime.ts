import { lines, type Script, sh, trusted } from '../../engine/model/script.ts';
import { filledLines, section } from '../../platforms/sections.ts';
import { type InterfaceSettings } from './interface-settings.ts';

/** What a NIC has now. */
export interface InterfaceRuntime {
  readonly up: boolean;
  /** IPv4 with prefix length: '192.168.2.128/24'. */
  readonly addresses: readonly string[];
  /** Those of them that are there for a time only, as DHCP gives them; not set where there are none. */
  readonly leased?: readonly string[];
  /** All default routes of the host, as `ip route` prints them. */
  readonly defaultRoutes: readonly string[];
}

/** Shell that prints what the NIC has now; fails when there is no such NIC. */
export function observeRuntime(device: string): Script {
  return lines(
    section('link', sh`ip -o link show dev ${device}`),
    section('addresses', sh`ip -o -4 addr show dev ${device} scope global`),
    section('default routes', sh`ip -o -4 route show default`),
  );
}

/** Reads what `observeRuntime` printed. */
export function parseRuntime(sections: ReadonlyMap<string, string>): InterfaceRuntime {
  const flags = /<([^>]*)>/.exec(sections.get('link') ?? '')?.[1] ?? '';
  const printed = filledLines(sections.get('addresses'));
  const leased = addressesIn(printed.filter((line) => /\sdynamic\s/.test(line)));
  return {
    up: flags.split(',').includes('UP'),
    addresses: addressesIn(printed),
    ...(leased.length > 0 && { leased }),
    defaultRoutes: filledLines(sections.get('default routes')).map((line) => line.trim()),
  };
}

function addressesIn(printed: readonly string[]): readonly string[] {
  return printed.flatMap((line) => {
    const address = /\sinet\s+([\d.]+\/\d+)\s/.exec(line)?.[1];
    return address === undefined ? [] : [address];
  });
}

/** The default route that packets take: the one of the lowest metric. */
export function effectiveRoute(routes: readonly string[]): string | undefined {
  return routes.toSorted((a, b) => metricOf(a) - metricOf(b))[0];
}

/** Whether packets to the world leave by this NIC and gateway. */
export function leadsThrough(
  route: string | undefined,
  { device, gateway }: InterfaceSettings,
): boolean {
  const words = route?.split(/\s+/) ?? [];
  return words[words.indexOf('via') + 1] === gateway && words[words.indexOf('dev') + 1] === device;
}

/** '192.168.2.128/24'. */
export function addressWithPrefix({ address, prefix }: InterfaceSettings): string {
  return `${address}/${prefix}`;
}

/** The addresses that must not stay beside the one of the settings: those that were once in its place, and itself with another prefix. */
export function surplusAddresses(
  found: readonly string[],
  settings: InterfaceSettings,
  former: ReadonlySet<string>,
): readonly string[] {
  const wanted = addressWithPrefix(settings);
  const isMissing = !found.includes(wanted);
  return found.filter(
    (other) =>
      former.has(other) ||
      (isMissing && other !== wanted && other.startsWith(`${settings.address}/`)),
  );
}

/**
 * The smallest commands that give the NIC what it lacks of its settings, and take what was once in their place; nothing
 * else of the network is touched.
 */
export function gainSettings(
  from: InterfaceRuntime,
  settings: InterfaceSettings,
  former: ReadonlySet<string>,
): Script {
  const { device, gateway } = settings;
  const wanted = addressWithPrefix(settings);
  const routed =
    gateway === undefined || leadsThrough(effectiveRoute(from.defaultRoutes), settings);
  return lines(
    from.up ? undefined : sh`ip link set dev ${device} up`,
    from.addresses.includes(wanted) ? undefined : sh`ip addr add ${wanted} brd + dev ${device}`,
    removeAddresses(device, surplusAddresses(from.addresses, settings, former)),
    routed ? undefined : sh`ip route replace default via ${gateway} dev ${device}`,
  );
}

/** Without promote_secondaries, the kernel takes with an address all younger ones of its network, and routes with them. */
function removeAddresses(device: string, addresses: readonly string[]): Script | undefined {
  if (addresses.length === 0) return undefined;
  return lines(
    sh`promote=${`/proc/sys/net/ipv4/conf/${device}/promote_secondaries`}`,
    trusted('promoted=$(cat "$promote"); failed='),
    trusted('echo 1 >"$promote"'),
    ...addresses.map((address) => sh`ip addr del ${address} dev ${device} || failed=1`),
    trusted('echo "$promoted" >"$promote"'),
    trusted('[ -z "$failed" ]'),
  );
}

/** The commands that lead back to what the NIC had; of what came since, only our own addresses and routes go. */
export function regain(
  from: InterfaceRuntime,
  to: InterfaceRuntime,
  settings: InterfaceSettings & { readonly former: ReadonlySet<string> },
): Script {
  const { device, former } = settings;
  const ours = new Set([...former, addressWithPrefix(settings)]);
  const lost = to.addresses.filter((found) => !from.addresses.includes(found));
  const goes = from.addresses.filter((found) => ours.has(found) && !to.addresses.includes(found));
  const routes = to.defaultRoutes.filter((route) => !from.defaultRoutes.includes(route));
  const replaced = new Set(to.defaultRoutes.map(metricOf));
  const surplus = from.defaultRoutes.filter(
    (route) => !to.defaultRoutes.includes(route) && !replaced.has(metricOf(route)),
  );
  return lines(
    to.up && !from.up ? sh`ip link set dev ${device} up` : undefined,
    ...lost.map((found) => sh`ip addr add ${found} brd + dev ${device}`),
    ...routes.map((route) => sh`ip route replace ${routeWords(route)}`),
    ...surplus.map((route) => sh`ip route del ${routeWords(route)}`),
    removeAddresses(device, goes),
    !to.up && from.up ? sh`ip link set dev ${device} down` : trusted(''),
  );
}

function metricOf(route: string): number {
  return Number(/\smetric (\d+)/.exec(route)?.[1] ?? 0);
}

/** A route as `ip route` takes it: the states of a route that it prints are no words for it. */
export function routeWords(route: string): readonly string[] {
  return route.split(/[\s\\]+/).filter((word) => !['linkdown', 'dead', ''].includes(word));
}
