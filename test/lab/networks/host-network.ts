import { type InterfaceSettings } from '../../../src/platforms/network/network-backend.ts';

/** Shell that prints what a host's network is now, a line for each thing; read with `readNetwork`. */
export const printNetwork = `export LC_ALL=C
ip -o -4 addr show scope global | awk '{ print "address", $2, $4 }'
# The way to a lease's own gateway goes with the lease, and so does the metric that it gives to the way to its network.
ip -4 route show | sed '/ proto dhcp scope link/d; / proto kernel scope link/s/ metric [0-9]*//; s/ proto [^ ]*//; s/ onlink//; s/ linkdown//; s/ *$//; s/^/route /'
ip -o link show | sed -n 's/^[0-9]*: \\([^:@]*\\)[:@].* mtu \\([0-9]*\\).*/\\1 mtu \\2 &/p' |
  sed 's/^\\([^ ]* mtu [0-9]*\\).* \\(master [^ ]*\\).*/link \\1 \\2/; t; s/^\\([^ ]* mtu [0-9]*\\).*/link \\1/'
{ resolvectl dns 2>/dev/null || sed 's/^nameserver/: /' /etc/resolv.conf 2>/dev/null; } |
  sed -n 's/.*: *//p' | tr ' ' '\\n' | sed -n 's/^\\([0-9.]*\\)$/dns \\1/p' | sort -u
systemctl --failed --plain --no-legend --no-pager | awk '{ print "failed", $1 }'`;

/** What a host's network is, or will be: lines of words. */
interface HostNetwork {
  /** 'ens33 192.168.2.128/24'. */
  readonly addresses: readonly string[];
  /** As `ip route` prints them, but for who made them. */
  readonly routes: readonly string[];
  /** 'ens33 mtu 1500', 'ens38 mtu 1500 master br0'. */
  readonly links: readonly string[];
  readonly dns: readonly string[];
  /** Units that did not come up. */
  readonly failed: readonly string[];
}

/** Reads what `printNetwork` printed. */
export function readNetwork(output: string): HostNetwork {
  const lines = output.split('\n');
  const of = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return {
    addresses: of('address'),
    routes: of('route'),
    links: of('link'),
    dns: of('dns').filter((line) => line !== ''),
    failed: of('failed'),
  };
}

/** The default route that counts, of all that there are; undefined where there is none. */
function effectiveDefault({ routes }: HostNetwork): string | undefined {
  const metricOf = (route: string): number => Number(/ metric (\d+)/.exec(route)?.[1] ?? 0);
  return routes
    .filter((route) => route.startsWith('default '))
    .toSorted((a, b) => metricOf(a) - metricOf(b))[0];
}

/**
 * What is wrong with a host that had `before` and was to get `settings`: what it has lost, what it was to get and has not,
 * and what nobody asked for; empty where all is right.
 */
export function shortcomings(
  before: HostNetwork,
  after: HostNetwork,
  settings: readonly InterfaceSettings[],
): readonly string[] {
  const asked = settings.map(({ device, address, prefix }) => `${device} ${address}/${prefix}`);
  const lost = (what: string, had: readonly string[], has: readonly string[]): readonly string[] =>
    had.filter((one) => !has.includes(one)).map((one) => `lost: ${what} ${one}`);
  const own = (route: string): boolean => !route.startsWith('default');
  return [
    ...lost('address', before.addresses, after.addresses),
    ...lost('address asked for', asked, after.addresses),
    ...lost('address of nobody', after.addresses, [...before.addresses, ...asked]),
    ...lost('route', before.routes.filter(own), after.routes),
    ...lost('link', before.links, after.links),
    ...lost('name server', before.dns, after.dns),
    ...lost(
      'name server',
      settings.flatMap(({ dns }) => dns),
      after.dns,
    ),
    ...after.failed
      .filter((unit) => !before.failed.includes(unit))
      .map((unit) => `failed: ${unit}`),
    ...wrongDefault(before, after, settings),
  ];
}

function wrongDefault(
  before: HostNetwork,
  after: HostNetwork,
  settings: readonly InterfaceSettings[],
): readonly string[] {
  const has = effectiveDefault(after);
  const routed = settings.find(({ gateway }) => gateway !== undefined);
  if (routed === undefined) {
    const had = effectiveDefault(before);
    return had === has ? [] : [`default route: ${has ?? 'none'}, not ${had ?? 'none'}`];
  }
  const wanted = `default via ${routed.gateway} dev ${routed.device}`;
  if (has === wanted || has?.startsWith(`${wanted} `) === true) return [];
  return [`default route: ${has ?? 'none'}, not ${wanted}`];
}
