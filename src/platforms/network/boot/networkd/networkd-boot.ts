import { type Observed, unknown, value } from '../../../../engine/model/resource.ts';
import { lines, type Script, sh } from '../../../../engine/model/shell/script.ts';
import { onceForAll } from '../../../../engine/model/shell/shared-shell.ts';
import { parseSections, section } from '../../../sections.ts';
import { type NetworkFile, readNetworkFile } from '../../formats/network-file.ts';
import { bestRoute } from '../best-route.ts';
import { type BootConflict, type BootRoute, type BootView, type LinkKind } from '../boot-view.ts';
import { type HostNic, hostNics, observeNics } from '../host-nics.ts';
import { firstOfEachName, type ListedFile, parseListed, showFiles } from '../listed-files.ts';
import { isMatched } from './network-match.ts';

/** Of files with one name, that in the first of these folders counts. */
export const networkdFolders = [
  ...['/etc/systemd/network', '/run/systemd/network', '/usr/local/lib/systemd/network'],
  ...['/usr/lib/systemd/network', '/lib/systemd/network'],
] as const;

/** What networkd makes of a NIC at boot. */
export interface NetworkdBoot extends BootView {
  /** The file that counts, which is the first that matches the NIC; not set where none does. */
  readonly file?: string;
  /** The text of that file; its drop-ins are not in it. */
  readonly text?: string;
  /** Other NICs that it is for as well: then it is no place for an address. */
  readonly sharedWith: readonly string[];
}

/** Shell that prints all that networkd reads. Read back with `networkdAtBoot`. */
export const observeNetworkd: Script = onceForAll(
  'networkd',
  lines(
    showFiles,
    section(
      'files',
      sh`for folder in ${networkdFolders}; do
  lvslab_show "$folder"/*.network "$folder"/*.network.d/*.conf "$folder"/*.netdev
done`,
    ),
    observeNics,
  ),
);

/** Reads what `observeNetworkd` printed for this device. */
export function networkdAtBoot(output: string, device: string): Observed<NetworkdBoot> {
  const sections = parseSections(output);
  const listed = parseListed(sections.get('files'));
  if (listed.kind === 'unknown') return listed;
  if (listed.kind === 'absent' || !sections.has('nics')) return unknown('its files were not told');
  return networkdViewOf(listed.value, { device, nics: hostNics(sections) });
}

/** A file with its drop-ins behind it. */
interface Whole {
  readonly main: ListedFile;
  readonly read: NetworkFile;
  /** By the index of a line of the whole: the file that it is of, and its line there, from 1. */
  readonly places: readonly { readonly file: string; readonly line: number }[];
}

/** What networkd makes of a NIC out of these files. */
export function networkdViewOf(
  files: readonly ListedFile[],
  { device, nics }: { readonly device: string; readonly nics: readonly HostNic[] },
): Observed<NetworkdBoot> {
  const wholes = firstOfEachName(
    files.filter(({ path }) => path.endsWith('.network')),
    networkdFolders,
  )
    .filter((file) => file.text.trim() !== '' && isOpen(file))
    .map((main) => wholeOf(main, files));
  const kinds = netdevs(files);
  const known = nics.some((nic) => nic.device === device) ? nics : [...nics, { device, mac: '' }];
  const chosen = new Map<string, Whole>();
  for (const nic of known) {
    for (const whole of wholes) {
      const isFor = isMatched(whole.read.match, nic, kinds.get(nic.device));
      if (isFor === 'unknown' && nic.device === device) {
        return unknown(`${whole.main.path} may be for ${device}; its [Match] can't be judged`);
      }
      // What another NIC gets by a file that can't be judged is left open.
      if (isFor === 'unknown') break;
      if (!isFor) continue;
      chosen.set(nic.device, whole);
      break;
    }
  }
  const whole = chosen.get(device);
  const routes = [...chosen].flatMap(([name, { read, places }]) => routesOf(read, places, name));
  const best = bestRoute(routes, 0);
  const nic = known.find((one) => one.device === device) ?? { device, mac: '' };
  return value({
    ...best,
    ...viewOf(whole, kinds.get(device)),
    conflicts: [...closed(files, nic), ...best.conflicts],
    sharedWith: [...chosen].flatMap(([name, other]) =>
      whole !== undefined && name !== device && other.main === whole.main ? [name] : [],
    ),
  });
}

/** networkd is not root; what only root may read is passed over. */
function isOpen({ mode }: ListedFile): boolean {
  return (Number.parseInt(mode, 8) & 0o044) !== 0;
}

function closed(files: readonly ListedFile[], nic: HostNic): readonly BootConflict[] {
  return files
    .filter((file) => file.path.endsWith('.network') && file.text.trim() !== '' && !isOpen(file))
    .filter(({ text }) => isMatched(readNetworkFile(text).match, nic) !== false)
    .map(({ path, mode }) => ({
      file: path,
      line: 0,
      why: `networkd, which is not root, can't read a file of mode ${mode}`,
      hint: `Run \`chmod 644 ${path}\`, or take the file away.`,
    }));
}

function viewOf(
  whole: Whole | undefined,
  link: LinkKind = 'plain',
): Pick<
  NetworkdBoot,
  'comesUp' | 'dhcp' | 'addresses' | 'link' | 'master' | 'nameServers' | 'file' | 'text'
> {
  if (whole === undefined || whole.read.isUnmanaged) {
    return { comesUp: false, dhcp: false, addresses: [], link, nameServers: [] };
  }
  const { main, read, places } = whole;
  return {
    comesUp: true,
    dhcp: read.isDhcp4,
    addresses: read.addresses.map(({ address, entry }) => ({
      address,
      ...(places[entry.line] ?? { file: main.path, line: 0 }),
    })),
    link,
    ...(read.master !== undefined && { master: read.master }),
    nameServers: read.dns,
    file: main.path,
    text: main.text,
  };
}

function wholeOf(main: ListedFile, files: readonly ListedFile[]): Whole {
  const name = main.path.slice(main.path.lastIndexOf('/') + 1);
  const dropIns = firstOfEachName(
    files.filter(({ path }) => path.includes(`/${name}.d/`)),
    networkdFolders.map((folder) => `${folder}/${name}.d`),
  );
  const parts = [main, ...dropIns];
  return {
    main,
    read: readNetworkFile(parts.map(({ text }) => text).join('\n')),
    places: parts.flatMap(({ path, text }) =>
      text.split('\n').map((_line, index) => ({ file: path, line: index + 1 })),
    ),
  };
}

function routesOf(
  { gateways, isUnmanaged }: NetworkFile,
  places: Whole['places'],
  device: string,
): readonly BootRoute[] {
  if (isUnmanaged) return [];
  return gateways.map(({ entry, gateway, metric }) => ({
    device,
    gateway,
    ...(places[entry.line] ?? { file: '', line: 0 }),
    ...(metric !== undefined && { metric }),
  }));
}

/** What the .netdev files make, by name. */
function netdevs(files: readonly ListedFile[]): ReadonlyMap<string, LinkKind> {
  const kinds: readonly LinkKind[] = ['bridge', 'bond', 'vlan'];
  return new Map(
    files
      .filter(({ path }) => path.endsWith('.netdev'))
      .flatMap(({ text }) => {
        const own = readNetworkFile(text).entries.filter(({ section: name }) => name === 'NetDev');
        const last = (key: string): string | undefined =>
          own.findLast((entry) => entry.key === key)?.value;
        const kind = kinds.find((known) => known === last('Kind')?.toLowerCase());
        const name = last('Name');
        return name === undefined || kind === undefined ? [] : [[name, kind] as const];
      }),
  );
}
