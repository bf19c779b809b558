import { lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import { type LinkKind } from '../../../platforms/network/boot/boot-view.ts';
import { isLinkUp, linkKindOf, masterOf } from '../../../platforms/network/boot/link-kind.ts';
import { filledLines, section } from '../../../platforms/sections.ts';
import { listChanges } from '../../field-changes.ts';
import { convergeRoutes } from '../routes.ts';

/** What a NIC has now. */
export interface InterfaceRuntime {
  readonly up: boolean;
  /** IPv4 with prefix length: '192.168.2.128/24'. */
  readonly addresses: readonly string[];
  /** Those of them that are there for a time only, as DHCP gives them; not set where there are none. */
  readonly leased?: readonly string[];
  /** All default routes of the host, as `ip route` prints them. */
  readonly defaultRoutes: readonly string[];
  /** What it is; not set for one that stands for itself. */
  readonly link?: LinkKind;
  /** The bridge or bond that it is a port of. */
  readonly master?: string;
}

/** Shell that prints what the NIC has now; fails when there is no such NIC. */
export function observeRuntime(device: string): Script {
  return lines(
    section('link', sh`ip -o -d link show dev ${device}`),
    section('addresses', sh`ip -o -4 addr show dev ${device} scope global`),
    section('default routes', sh`ip -o -4 route show default`),
  );
}

/** Reads what `observeRuntime` printed. */
export function parseRuntime(sections: ReadonlyMap<string, string>): InterfaceRuntime {
  const printedLink = sections.get('link') ?? '';
  const [link, master] = [linkKindOf(printedLink), masterOf(printedLink)];
  const printed = filledLines(sections.get('addresses'));
  const leased = addressesIn(printed.filter((line) => /\sdynamic\s/.test(line)));
  return {
    up: isLinkUp(printedLink),
    addresses: addressesIn(printed),
    ...(leased.length > 0 && { leased }),
    defaultRoutes: filledLines(sections.get('default routes')).map((line) => line.trim()),
    ...(link !== 'plain' && { link }),
    ...(master !== undefined && { master }),
  };
}

/** The smallest commands from one state of the NIC to another; nothing else of the network is touched. */
export function convergeRuntime(
  device: string,
  from: InterfaceRuntime,
  to: InterfaceRuntime,
): Script {
  const { lost, gained } = listChanges(from.addresses, to.addresses);
  const routes = convergeRoutes(from.defaultRoutes, to.defaultRoutes);
  return lines(
    to.up && !from.up ? sh`ip link set dev ${device} up` : undefined,
    ...gained.map((address) => sh`ip addr add ${address} brd + dev ${device}`),
    // With its address a route may go by itself, and one that comes may need an address that has just come.
    routes.remove,
    removeAddresses(device, lost),
    routes.add,
    from.up && !to.up ? sh`ip link set dev ${device} down` : undefined,
  );
}

function addressesIn(printed: readonly string[]): readonly string[] {
  return printed.flatMap((line) => {
    const address = /\sinet\s+([\d.]+\/\d+)\s/.exec(line)?.[1];
    return address === undefined ? [] : [address];
  });
}

/** Without promote_secondaries, the kernel takes with an address all younger ones of its network, and routes with them. */
function removeAddresses(device: string, addresses: readonly string[]): Script | undefined {
  if (addresses.length === 0) return undefined;
  const removals = addresses.map((address) => sh`ip addr del ${address} dev ${device} || failed=1`);
  return sh`
    promote=${`/proc/sys/net/ipv4/conf/${device}/promote_secondaries`}
    promoted=$(cat "$promote")
    failed=
    echo 1 >"$promote"
    ${lines(...removals)}
    echo "$promoted" >"$promote"
    [ -z "$failed" ]
  `;
}
