import { type Conflict } from '../../../engine/model/conflict.ts';
import { type BootConflict, type BootView } from '../../../platforms/network/boot/boot-view.ts';
import { type InterfaceSettings } from '../../../platforms/network/network-backend.ts';
import { addressWithPrefix } from './interface-aim.ts';
import { type InterfaceState } from './interface-state.ts';

/**
 * What keeps a NIC from having its settings at the next boot too, although its files will say them: lines of others, and
 * what the device is.
 */
export function interfaceConflicts(
  found: InterfaceState,
  to: InterfaceState,
  settings: InterfaceSettings,
): readonly Conflict[] {
  const { boot } = to;
  if (boot === undefined) return [];
  const port = portConflict(found, to, settings);
  if (port !== undefined) return [port];
  const known = boot.conflicts
    .filter(({ about }) => about === undefined || settings.gateway !== undefined)
    .map(toldConflict);
  const all =
    known.length > 0 ? known : [...kindConflicts(found, to, settings), ...unmet(to, settings)];
  return all.map((one) => asFound(one, found, to));
}

/** The aim has lines of its own: a person is told where the line is in the file that is there. */
function asFound(conflict: Conflict, found: InterfaceState, to: InterfaceState): Conflict {
  const { line, ...rest } = conflict;
  const [now, then] = [found, to].map(({ files }) =>
    files.find(({ path }) => path === conflict.file)?.file?.content.split('\n'),
  );
  const text = line === undefined ? undefined : then?.[line - 1];
  if (line === undefined || now === undefined || text === undefined) return conflict;
  // Of lines that are alike, the same one, counted from above.
  const before = then?.slice(0, line - 1).filter((one) => one === text).length;
  const places = now.flatMap((one, index) => (one === text ? [index + 1] : []));
  const place = places[before ?? 0] ?? places.at(-1);
  return place === undefined ? rest : { ...rest, line: place };
}

function toldConflict({ file, line, why, hint }: BootConflict): Conflict {
  return { file, ...(line > 0 && { line }), why, hint };
}

/** A port has no address: that is its bridge's. */
function portConflict(
  found: InterfaceState,
  { boot }: InterfaceState,
  { device }: InterfaceSettings,
): Conflict | undefined {
  const master = found.master ?? boot?.master;
  if (master === undefined) return undefined;
  const file = fileNaming(found, master) ?? `/sys/class/net/${device}/master`;
  return {
    file,
    why: `${device} is a port of ${master}, so the address has to be that of ${master}`,
    hint: `Write ${master} in the place of ${device} into the inventory (lvs_interface, lvs_vip_interface or lvs_dip_interface).`,
  };
}

function fileNaming({ files }: InterfaceState, name: string): string | undefined {
  return files.find(({ file }) => file?.content.split(/[\s="']+/).includes(name))?.path;
}

/** A bridge, bond or VLAN that somebody made by hand is gone after the next boot. */
function kindConflicts(
  found: InterfaceState,
  { boot }: InterfaceState,
  { device }: InterfaceSettings,
): readonly Conflict[] {
  const { link = 'plain' } = found;
  if (link === 'plain' || boot === undefined || boot.link === link) return [];
  return [
    {
      file: boot.addresses[0]?.file ?? `/sys/class/net/${device}`,
      why: `${device} is a ${link} now, and nothing makes one of it at boot`,
      hint: `Write down what makes ${device} a ${link} where the network is configured.`,
    },
  ];
}

/** What the next boot would not have, and nobody could say why. */
function unmet({ boot }: InterfaceState, settings: InterfaceSettings): readonly Conflict[] {
  if (boot === undefined) return [];
  return [...unmetAddress(boot, settings), ...unmetGateway(boot, settings)];
}

function unmetAddress(boot: BootView, settings: InterfaceSettings): readonly Conflict[] {
  const { device } = settings;
  const wanted = addressWithPrefix(settings);
  if (boot.comesUp && boot.addresses.some(({ address }) => address === wanted)) return [];
  return [
    {
      file: placeOf(boot),
      why: `the next boot would not give ${device} the address ${wanted}, whatever lvslab writes`,
      hint: `Have the network's files bring ${device} up at boot.`,
    },
  ];
}

function unmetGateway(boot: BootView, settings: InterfaceSettings): readonly Conflict[] {
  const { device, gateway } = settings;
  const { defaultRoute: route } = boot;
  if (gateway === undefined) return [];
  if (route === undefined) {
    return [
      {
        file: placeOf(boot),
        why: `the next boot would make no default route via ${gateway}`,
        hint: `Choose a gateway in the network of ${addressWithPrefix(settings)}.`,
      },
    ];
  }
  if (route.device === device && route.gateway === gateway) return [];
  const via = route.gateway === undefined ? '' : ` via ${route.gateway}`;
  return [
    {
      file: route.file,
      ...(route.line > 0 && { line: route.line }),
      why: `the next boot makes the default route by ${route.device}${via}, not by ${device} via ${gateway}`,
      hint: 'Take that gateway out, for the default route of this host has to lead the other way.',
    },
  ];
}

/** Where the NIC's addresses come from, as far as that is known. */
function placeOf(boot: BootView): string {
  return boot.addresses[0]?.file ?? '/etc';
}
