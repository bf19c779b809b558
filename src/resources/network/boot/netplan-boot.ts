import { isMap, LineCounter, parseDocument, visit } from 'yaml';
import { type Observed, unknown, value } from '../../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../../engine/model/script.ts';
import { filledLines, parseSections, section } from '../../../platforms/sections.ts';
import {
  type NetplanDefinition,
  type NetplanFile,
  netplanFolders,
  readNetplan,
} from '../formats/netplan-files.ts';
import { type BootView, type Place } from './boot-view.ts';
import { hostNics, observeNics } from './host-nics.ts';
import { firstOfEachName, type ListedFile, parseListed, showFiles } from './listed-files.ts';
import { networkdFolders, networkdViewOf } from './networkd-boot.ts';
import { nmViewOf } from './nm-boot.ts';

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
export const observeNetplan: Script = lines(
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
);

/** Reads what `observeNetplan` printed for this device. */
export function netplanAtBoot(output: string, device: string): Observed<NetplanBoot> {
  const sections = parseSections(output);
  const told = sections.get('rendered');
  if (told === undefined) return unknown('netplan is not there');
  const all = filledLines(told);
  const [status = ''] = all;
  const lists = [
    sections.get('files'),
    all.filter((line) => !/^(status|told) /.test(line)).join('\n'),
    sections.get('networkd'),
    sections.get('keyfiles'),
  ].map(parseListed);
  const bad = lists.find(({ kind }) => kind === 'unknown');
  if (bad?.kind === 'unknown') return bad;
  if (status !== 'status 0') {
    const error = all.find((line) => /^told .*[Ee]rror/.test(line)) ?? all[1] ?? '';
    return unknown(`netplan can't render its files: ${error.slice(5, 300)}`);
  }
  const [yaml = [], made = [], networkd = [], keyfiles = []] = lists.map((list) =>
    list.kind === 'value' ? list.value : [],
  );
  const files = firstOfEachName(yaml, netplanFolders);
  const nics = hostNics(sections);
  const definitions = readNetplan(files, nics);
  if (definitions.kind !== 'value')
    return unknown('reason' in definitions ? definitions.reason : '');
  const definition = definitions.value.findLast(({ devices }) => devices.includes(device));
  const absolute = made.map((file): ListedFile => ({ ...file, path: `/${file.path}` }));
  const isNm = definition?.renderer === 'NetworkManager';
  const view = isNm
    ? value(nmViewOf([...keyfiles, ...keyfilesOf(absolute)], { device, nics }))
    : networkdViewOf(
        [...networkd, ...absolute.filter(({ path }) => path.startsWith('/run/systemd/'))],
        {
          device,
          nics,
        },
      );
  if (view.kind !== 'value') return unknown(view.kind === 'unknown' ? view.reason : '');
  return value({
    ...placed(view.value, files, definitions.value),
    ...(definition !== undefined && { definition }),
    files,
    isByCloudInit: files.some(
      ({ path, text }) => path.includes('cloud-init') || /^# .*cloud-init/m.test(text),
    ),
  });
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
    return { ...found, ...placeOf(text, files, id) };
  };
  const { defaultRoute } = view;
  return {
    ...view,
    addresses: view.addresses.map((found) => find(found, found.address)),
    ...(defaultRoute !== undefined && { defaultRoute: find(defaultRoute, defaultRoute.gateway) }),
  };
}

/** The last line of the definition that holds this value. */
function placeOf(
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
