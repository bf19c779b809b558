import {
  isYes,
  mapping,
  type NetplanDefinition,
  type NetplanFile,
  readNetplan,
  textOf,
} from '../../formats/netplan/netplan-files.ts';
import { isIpv4 } from '../../formats/profile-settings.ts';
import { bestRoute } from '../best-route.ts';
import { type BootRoute, type BootView, type Place } from '../boot-view.ts';
import { type HostNic } from '../host-nics.ts';
import { placeOfValue } from './netplan-boot.ts';

/** Of NetworkManager's first NIC; networkd gives a static route none. */
const ASSUMED_METRIC = { NetworkManager: 100, networkd: 0 } as const;

/**
 * What netplan will make of a NIC out of files that are still to be written.
 * @param before what is known of the NIC as it is, by netplan itself: what these files don't say is taken from there.
 * @returns undefined where no definition is for the NIC.
 */
export function netplanViewOf(
  files: readonly NetplanFile[],
  {
    device,
    nics,
    before,
  }: { readonly device: string; readonly nics: readonly HostNic[]; readonly before: BootView },
): BootView | undefined {
  const read = readNetplan(files, nics);
  if (read.kind !== 'value') return undefined;
  const definition = read.value.findLast(({ devices }) => devices.includes(device));
  if (definition === undefined) return undefined;
  const { values, renderer } = definition;
  const place = (text: string): Place => ({
    file: '',
    line: 0,
    ...placeOfValue(text, files, definition),
  });
  const isOthers = (route: BootRoute): boolean => !files.some(({ path }) => path === route.file);
  const best = bestRoute(
    [
      ...read.value.flatMap((one) => routesOf(one, files)),
      ...[before.defaultRoute].filter((route) => route !== undefined).filter(isOthers),
    ],
    ASSUMED_METRIC[renderer],
  );
  const { link, master, conflicts } = before;
  const hasTold = (conflict: { readonly why: string }): boolean =>
    conflict.why.startsWith('a default route by');
  return {
    comesUp: true,
    dhcp: isYes(values.get('dhcp4')?.at(-1)),
    addresses: addressesIn(values.get('addresses')).map((address) => ({
      address,
      ...place(address),
    })),
    ...(best.defaultRoute !== undefined && { defaultRoute: best.defaultRoute }),
    link,
    ...(master !== undefined && { master }),
    nameServers: (values.get('nameservers') ?? [])
      .flatMap((servers) => listOf(mapping(servers)['addresses']))
      .map(textOf)
      .filter(isIpv4),
    conflicts: [...conflicts.filter((one) => !hasTold(one)), ...best.conflicts],
  };
}

function listOf(data: unknown): readonly unknown[] {
  return Array.isArray(data) ? data : [];
}

/** IPv4, with prefix lengths. */
function addressesIn(values: readonly unknown[] = []): readonly string[] {
  return values
    .flatMap(listOf)
    .map((item) => textOf(item) || (Object.keys(mapping(item))[0] ?? ''))
    .filter((address) => isIpv4(address.split('/')[0] ?? ''));
}

function routesOf(
  definition: NetplanDefinition,
  files: readonly NetplanFile[],
): readonly BootRoute[] {
  const { values, devices } = definition;
  const [device] = devices;
  if (device === undefined) return [];
  const gateway4 = textOf(values.get('gateway4')?.at(-1));
  const routes = (values.get('routes') ?? []).flatMap(listOf).map(mapping);
  const all = [
    ...(gateway4 === '' ? [] : [{ via: gateway4, metric: undefined }]),
    ...routes
      .filter(
        ({ to, table }) =>
          ['default', '0.0.0.0/0', '0/0'].includes(textOf(to)) &&
          ['', '254'].includes(textOf(table)),
      )
      .map(({ via, metric }) => ({ via: textOf(via), metric })),
  ];
  return all
    .filter(({ via }) => isIpv4(via))
    .map(({ via, metric }) => ({
      device,
      gateway: via,
      file: '',
      line: 0,
      ...placeOfValue(via, files, definition),
      ...(typeof metric === 'number' && { metric }),
    }));
}
