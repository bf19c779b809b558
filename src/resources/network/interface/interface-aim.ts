import { type Past, type ResourceSpec } from '../../../engine/model/resource.ts';
import {
  type InterfaceSettings,
  type NetworkBackend,
} from '../../../platforms/network/network-backend.ts';
import {
  aimedFiles,
  configOf,
  type InterfaceState,
  type NicFile,
  writtenPaths,
} from './interface-state.ts';
import { effectiveRoute, isLeased, leadsTo, leavesBy, withRoute } from '../routes.ts';

/** What a journal says of the settings that a NIC got from lvslab. */
export interface InterfacePast extends Pick<Past, 'specs' | 'outcomes'> {
  /** What it had before lvslab. */
  readonly before: InterfaceState;
  readonly settingsOf: (spec: ResourceSpec) => InterfaceSettings;
}

/** The NIC with these settings, now and at the next boot. Whatever else it has stays, but for what lvslab gave it earlier. */
export function aimAtSettings(
  found: InterfaceState,
  settings: InterfaceSettings,
  { backend, past }: { readonly backend: NetworkBackend; readonly past: InterfacePast | undefined },
): InterfaceState {
  const { addresses, defaultRoutes } = found;
  const { device, gateway } = settings;
  const wanted = addressWithPrefix(settings);
  const replaced = replacedAddresses(found, settings, past);
  const kept = addresses.filter((address) => !replaced.has(address));
  const isRouted = gateway === undefined || leadsTo(effectiveRoute(defaultRoutes), settings);
  return {
    ...found,
    ...configured(found, backend, { ...settings, replaces: [...replaced] }),
    up: true,
    addresses: kept.includes(wanted) ? kept : [...kept, wanted],
    defaultRoutes: isRouted
      ? defaultRoutes
      : withRoute(defaultRoutes, `default via ${gateway} dev ${device}`),
  };
}

/** The files of a NIC with these settings in them, and what the next boot makes of them. */
export function configured(
  found: InterfaceState,
  backend: NetworkBackend,
  settings: Parameters<NetworkBackend['aim']>[1],
): Pick<InterfaceState, 'files' | 'boot' | 'known'> {
  const config = configOf(found);
  if (config === undefined) return { files: found.files };
  const aimed = backend.aim(config, settings);
  if (aimed === config) return found;
  const { boot, known } = aimed;
  return { files: aimedFiles(found.files, config.files, aimed.files), boot, known };
}

/**
 * The NIC as it was before lvslab. Of what came since, only lvslab's own addresses and routes go. A default route comes back
 * only where it is the NIC's own and no lease: another NIC's is that one's business, and a lease may be void by now.
 */
export function aimAtBefore(
  found: InterfaceState,
  { device }: InterfaceSettings,
  { past, backend }: { readonly past: InterfacePast; readonly backend: NetworkBackend },
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
    files: filesOfBefore(found, past, backend),
    // An address of somebody else would go with the link.
    up: before.up || isOthers,
    addresses: [...new Set([...stayingAddresses, ...before.addresses])],
    ...(before.leased !== undefined && { leased: before.leased }),
    defaultRoutes: lost.reduce(withRoute, routes),
  };
}

/** Those that lvslab wrote are as they were; the others are other people's. */
function filesOfBefore(
  found: InterfaceState,
  past: InterfacePast,
  backend: NetworkBackend,
): readonly NicFile[] {
  const { before } = past;
  const ours = new Set([
    ...past.outcomes.flatMap(pathsIn),
    ...past.specs.flatMap((spec) => {
      const to = configured(before, backend, past.settingsOf(spec));
      return writtenPaths(before.files, to.files);
    }),
    // Versions that did not ask about the boot knew of one file, which was the one that they wrote.
    ...(before.boot === undefined ? before.files.map(({ path }) => path) : []),
  ]);
  const paths = new Set([...found.files.map(({ path }) => path), ...ours]);
  return [...paths].flatMap((path) => {
    const from = ours.has(path) ? before : found;
    const known = from.files.find((file) => file.path === path);
    return known ?? [];
  });
}

/** What a change brought: the paths that it wrote to. */
function pathsIn(outcome: unknown): readonly string[] {
  const written: unknown =
    typeof outcome === 'object' && outcome !== null && 'written' in outcome
      ? outcome.written
      : undefined;
  return Array.isArray(written) ? written.filter((path) => typeof path === 'string') : [];
}

/** '192.168.2.128/24'. */
export function addressWithPrefix({ address, prefix }: InterfaceSettings): string {
  return `${address}/${prefix}`;
}

/** The addresses that must not stay beside the one of the settings: those that lvslab once gave in its place, and itself with another prefix. */
function replacedAddresses(
  { addresses }: InterfaceState,
  settings: InterfaceSettings,
  past: InterfacePast | undefined,
): ReadonlySet<string> {
  const wanted = addressWithPrefix(settings);
  const made = past?.specs.map((spec) => addressWithPrefix(past.settingsOf(spec))) ?? [];
  const former = made.filter((address) => past?.before.addresses.includes(address) !== true);
  const otherPrefixes = addresses.includes(wanted)
    ? []
    : addresses.filter((address) => address.startsWith(`${settings.address}/`));
  const all = new Set([...former, ...otherPrefixes]);
  all.delete(wanted);
  return all;
}
