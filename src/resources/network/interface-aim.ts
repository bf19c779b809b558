import { type Past, type ResourceSpec } from '../../engine/model/resource.ts';
import { type FileAim } from '../files/file-state.ts';
import { type InterfaceRuntime } from './interface-runtime.ts';
import {
  type InterfaceSettings,
  type NetworkBackend,
} from '../../platforms/network/network-backend.ts';
import { effectiveRoute, isLeased, leadsTo, leavesBy, withRoute } from './routes.ts';

/** A NIC: the file about it, and what it has now. */
export interface InterfaceState extends InterfaceRuntime {
  readonly path: string;
  /** Not set where there is no such file. */
  readonly file?: FileAim;
}

/** What a journal says of the settings that a NIC got from lvslab. */
interface InterfacePast extends Pick<Past, 'specs'> {
  /** What it had before lvslab. */
  readonly before: InterfaceState;
  readonly settingsOf: (spec: ResourceSpec) => InterfaceSettings;
}

/** The NIC with these settings. Whatever else it has stays, but for what they take the place of. */
export function aimAtSettings(
  found: InterfaceState,
  settings: InterfaceSettings,
  { backend, past }: { readonly backend: NetworkBackend; readonly past: InterfacePast | undefined },
): InterfaceState {
  const { path, file, addresses, defaultRoutes } = found;
  const { device, gateway } = settings;
  const text = backend.merge(file?.content, settings);
  const wanted = addressWithPrefix(settings);
  const replaced = replacedAddresses(found, settings, { backend, past });
  const kept = addresses.filter((address) => !replaced.has(address));
  const isRouted = gateway === undefined || leadsTo(effectiveRoute(defaultRoutes), settings);
  return {
    path,
    // What else there is to a file stays as it is.
    file: text === file?.content ? file : { content: text },
    up: true,
    addresses: kept.includes(wanted) ? kept : [...kept, wanted],
    defaultRoutes: isRouted
      ? defaultRoutes
      : withRoute(defaultRoutes, `default via ${gateway} dev ${device}`),
  };
}

/**
 * The NIC as it was before lvslab. Of what came since, only lvslab's own addresses and routes go. A default route comes back
 * only where it is the NIC's own and no lease: another NIC's is that one's business, and a lease may be void by now.
 */
export function aimAtBefore(
  found: InterfaceState,
  { device }: InterfaceSettings,
  past: InterfacePast,
): InterfaceState {
  const { before, specs, settingsOf } = past;
  const made = specs.map(settingsOf);
  const ours = new Set(made.map(addressWithPrefix));
  const stayingAddresses = found.addresses.filter(
    (address) => !ours.has(address) || before.addresses.includes(address),
  );
  const routes = found.defaultRoutes.filter(
    (route) =>
      before.defaultRoutes.includes(route) ||
      !made.some((settings) => settings.gateway !== undefined && leadsTo(route, settings)),
  );
  const lost = before.defaultRoutes.filter(
    (route) => leavesBy(route, device) && !isLeased(route) && !routes.includes(route),
  );
  const isOthers = stayingAddresses.some((address) => !before.addresses.includes(address));
  return {
    path: before.path,
    ...(before.file !== undefined && { file: before.file }),
    // An address of somebody else would go with the link.
    up: before.up || isOthers,
    addresses: [...new Set([...stayingAddresses, ...before.addresses])],
    defaultRoutes: lost.reduce(withRoute, routes),
  };
}

/** '192.168.2.128/24'. */
export function addressWithPrefix({ address, prefix }: InterfaceSettings): string {
  return `${address}/${prefix}`;
}

/**
 * The addresses that must not stay beside the one of the settings: those that lvslab once gave in its place, the one that
 * the file has given so far, and itself with another prefix. The next boot would not bring the file's, and a host that is
 * reached by it must not be lost only then.
 */
function replacedAddresses(
  { file, addresses }: InterfaceState,
  settings: InterfaceSettings,
  { backend, past }: { readonly backend: NetworkBackend; readonly past: InterfacePast | undefined },
): ReadonlySet<string> {
  const wanted = addressWithPrefix(settings);
  const made = past?.specs.map((spec) => addressWithPrefix(past.settingsOf(spec))) ?? [];
  const former = made.filter((address) => past?.before.addresses.includes(address) !== true);
  const written = file === undefined ? undefined : backend.addressIn(file.content, settings.device);
  const otherPrefixes = addresses.includes(wanted)
    ? []
    : addresses.filter((address) => address.startsWith(`${settings.address}/`));
  const all = new Set([...former, ...(written === undefined ? [] : [written]), ...otherPrefixes]);
  all.delete(wanted);
  return all;
}
