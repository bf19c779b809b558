import { isMap, LineCounter, parseDocument, visit } from 'yaml';
import { type Observed, unknown, value } from '../../../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../../../engine/model/shell/script.ts';
import { onceForAll } from '../../../../engine/model/shell/shared-shell.ts';
import { filledLines, parseSections, section } from '../../../sections.ts';
import {
  type NetplanDefinition,
  type NetplanFile,
  netplanFolders,
  readNetplan,
} from '../../formats/netplan/netplan-files.ts';
import { type BootView, type Place } from '../boot-view.ts';
import { type HostNic, hostNics, observeNics } from '../host-nics.ts';
import { firstOfEachName, type ListedFile, parseListed, showFiles } from '../listed-files.ts';
import { networkdFolders, networkdViewOf } from '../networkd/networkd-boot.ts';
import { nmViewOf } from '../nm-boot.ts';

/** What netplan, and who it writes for, make of a NIC at boot. */
export interface NetplanBoot extends BootView {
  /** The definition of the NIC; not set where none is for it. */
  readonly definition?: NetplanDefinition;
  /** All YAML files, in netplan's order. */
  readonly files: readonly NetplanFile[];
  /** Whether cloud-init has written one of them, and may do so again. */
  readonly isByCloudInit: boolean;
}

/** Has netplan render its files into a folder that goes again, as it does at boot. */
const rendered = trusted(`(
  lvslab_root=$(mktemp -d) || exit
  trap 'rm -rf -- "$lvslab_root"' EXIT
  for folder in lib etc run; do
    if [ -d "/$folder/netplan" ]; then
      mkdir -p "$lvslab_root/$folder"
      cp -a "/$folder/netplan" "$lvslab_root/$folder/"
    fi
  done
  netplan generate --root-dir "$lvslab_root" >"$lvslab_root/told" 2>&1
  printf 'status %s\\n' "$?"
  head -c 2000 "$lvslab_root/told" | sed 's/^/told /'
  cd "$lvslab_root" || exit
  lvslab_show run/systemd/network/*.network run/systemd/network/*.netdev run/NetworkManager/system-connections/*
)`);

/** Shell that prints netplan's files, and what it makes of them for the next boot. Read back with `netplanAtBoot`. */
export const observeNetplan: Script = onceForAll(
  'netplan',
  lines(
    showFiles,
    section('files', sh`for folder in ${netplanFolders}; do lvslab_show "$folder"/*.yaml; done`),
    trusted('if command -v netplan >/dev/null 2>&1; then'),
    section('rendered', rendered),
    trusted('fi'),
    // Files of their own count beside those that netplan renders.
    section(
      'networkd',
      sh`for folder in ${networkdFolders}; do
  for file in "$folder"/*.network "$folder"/*.network.d/*.conf "$folder"/*.netdev; do
    case $file in /run/systemd/network/10-netplan-*) ;; *) lvslab_show "$file" ;; esac
  done
done`,
    ),
    section('keyfiles', sh`lvslab_show /etc/NetworkManager/system-connections/*`),
    observeNics,
  ),
);

/** What was printed, by part. */
interface Told {
  readonly yaml: readonly ListedFile[];
  readonly made: readonly ListedFile[];
  readonly networkd: readonly ListedFile[];
  readonly keyfiles: readonly ListedFile[];
}

/** Reads what `observeNetplan` printed for this device. */
export function netplanAtBoot(output: string, device: string): Observed<NetplanBoot> {
  const sections = parseSections(output);
  const told = toldIn(sections);
  if (told.kind !== 'value') return told;
  const files = firstOfEachName(told.value.yaml, netplanFolders);
  const nics = hostNics(sections);
  const definitions = readNetplan(files, nics);
  if (definitions.kind !== 'value') return definitions;
  const definition = definitions.value.findLast(({ devices }) => devices.includes(device));
  const view = viewOf(told.value, definition?.renderer ?? 'networkd', { device, nics });
  if (view.kind !== 'value') return view;
  return value({
    ...placed(view.value, files, definitions.value),
    ...(definition !== undefined && { definition }),
    files,
    isByCloudInit: files.some(
      ({ path, text }) => path.includes('cloud-init') || /^# .*cloud-init/m.test(text),
    ),
  });
}

/** The YAML files that `observeNetplan` printed, in netplan's order. */
export function netplanFilesIn(
  sections: ReadonlyMap<string, string>,
): Observed<readonly ListedFile[]> {
  const yaml = parseListed(sections.get('files'));
  return yaml.kind === 'value' ? value(firstOfEachName(yaml.value, netplanFolders)) : yaml;
}

function toldIn(sections: ReadonlyMap<string, string>): Observed<Told> {
  const rendering = sections.get('rendered');
  if (rendering === undefined) return unknown('netplan is not there');
  const [status, ...all] = filledLines(rendering);
  if (status !== 'status 0') {
    const said = all.filter((line) => line.startsWith('told ')).map((line) => line.slice(5));
    const error = said.find((line) => /error/i.test(line)) ?? said.join(' ');
    return unknown(
      `netplan can't render its files (${status ?? ''}): ${error
        .trim()
        .replaceAll(/\S*\/tmp[.]\w+\//g, '/')
        .slice(0, 300)}`,
    );
  }
  const list = (text?: string): Observed<readonly ListedFile[]> => parseListed(text);
  const yaml = list(sections.get('files'));
  const made = list(all.filter((line) => !line.startsWith('told ')).join('\n'));
  const networkd = list(sections.get('networkd'));
  const keyfiles = list(sections.get('keyfiles'));
  for (const part of [yaml, made, networkd, keyfiles]) if (part.kind === 'unknown') return part;
  const of = (part: Observed<readonly ListedFile[]>): readonly ListedFile[] =>
    part.kind === 'value' ? part.value : [];
  return value({
    yaml: of(yaml),
    made: of(made).map((file) => ({ ...file, path: `/${file.path}` })),
    networkd: of(networkd),
    keyfiles: of(keyfiles),
  });
}

function viewOf(
  { made, networkd, keyfiles }: Told,
  renderer: NetplanDefinition['renderer'],
  nic: { readonly device: string; readonly nics: readonly HostNic[] },
): Observed<BootView> {
  return renderer === 'NetworkManager'
    ? value(nmViewOf([...keyfiles, ...keyfilesOf(made)], nic))
    : networkdViewOf(
        [...networkd, ...made.filter(({ path }) => path.startsWith('/run/systemd/'))],
        nic,
      );
}

/** Their modes are those that they get at boot. */
function keyfilesOf(files: readonly ListedFile[]): readonly ListedFile[] {
  return files
    .filter(({ path }) => path.startsWith('/run/NetworkManager/'))
    .map((file) => ({ ...file, mode: '600', owner: 0 }));
}

/** The view with netplan's own lines in the place of those that it has rendered. */
function placed(
  view: BootView,
  files: readonly NetplanFile[],
  definitions: readonly NetplanDefinition[],
): BootView {
  const find = <T extends Place>(found: T, text: string | undefined): T => {
    if (!found.file.startsWith('/run/') || text === undefined) return found;
    const id = definitions.find(({ id: name }) => found.file.includes(`netplan-${name}.`));
    return { ...found, ...placeOfValue(text, files, id) };
  };
  const { defaultRoute } = view;
  return {
    ...view,
    addresses: view.addresses.map((found) => find(found, found.address)),
    ...(defaultRoute !== undefined && { defaultRoute: find(defaultRoute, defaultRoute.gateway) }),
  };
}

/** The last line of the definition that holds this value. */
export function placeOfValue(
  text: string,
  files: readonly NetplanFile[],
  definition: NetplanDefinition | undefined,
): Partial<Place> {
  if (definition === undefined) return {};
  let place: Partial<Place> = {};
  for (const { path, text: yaml } of files) {
    const counter = new LineCounter();
    const node = parseDocument(yaml, { lineCounter: counter }).getIn(
      ['network', definition.kind, definition.id],
      true,
    );
    if (!isMap(node)) continue;
    visit(node, {
      Scalar(_key, { value: found, range }) {
        if (found !== text || range == null) return;
        place = { file: path, line: counter.linePos(range[0]).line };
      },
    });
  }
  return place;
}
