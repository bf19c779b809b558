import { type Observed, unknown, value } from '../../../engine/model/resource.ts';
import { lines, type Script, sh, trusted } from '../../../engine/model/script.ts';
import { filledLines, parseSections, section } from '../../sections.ts';
import { isIpv4 } from '../formats/profile-settings.ts';
import { writtenAddress } from '../network-backend.ts';
import {
  type BootAddress,
  type BootConflict,
  type BootRoute,
  type BootView,
  type LinkKind,
} from './boot-view.ts';
import {
  type InterfacesFiles,
  readableName,
  readInterfaces,
  type Stanza,
  type StanzaOption,
} from './interfaces-stanzas.ts';
import { parseListed, showFiles } from './listed-files.ts';

const MAIN_FILE = '/etc/network/interfaces';

/** What ifupdown makes of a NIC at boot. */
export interface IfupdownBoot extends BootView {
  /** Where a stanza of our own would be read: a file that is not there yet, or the main file. */
  readonly newFile: string;
}

/**
 * Follows the `source` lines as ifupdown does: relative patterns begin at the folder of the file that they stand in. Each
 * function is a subshell, so that the variables of one level are not those of the next.
 */
const readSources = trusted(`lvslab_sourced() ( # WORD PATTERN DEPTH
  IFS=
  for found in $2; do
    if [ "$1" = source ]; then
      if [ -f "$found" ]; then lvslab_interfaces "$found" "$3"; fi
      continue
    fi
    for file in "$found"/*; do
      case \${file##*/} in *[!a-zA-Z0-9_-]*) continue ;; esac
      if [ -f "$file" ]; then lvslab_interfaces "$file" "$3"; fi
    done
  done
)
lvslab_interfaces() ( # FILE DEPTH
  unset IFS
  [ "$2" -gt 0 ] || exit 0
  lvslab_show "$1"
  sed -e ':join' -e '/\\\\$/{N;s/\\\\\\n/ /;b join' -e '}' -- "$1" 2>/dev/null | while read -r word patterns; do
    case $word in source | source-dir | source-directory) ;; *) continue ;; esac
    set -f
    for pattern in $patterns; do
      set +f
      case $pattern in /*) ;; *) pattern=\${1%/*}/$pattern ;; esac
      lvslab_sourced "$word" "$pattern" $(($2 - 1))
    done
    set +f
  done
)`);

/** Shell that prints what ifupdown would make of a NIC. Read back with `ifupdownAtBoot`. */
export function observeIfupdown(device: string): Script {
  return lines(
    showFiles,
    readSources,
    section('files', sh`lvslab_interfaces ${MAIN_FILE} 8`),
    trusted('if command -v ifquery >/dev/null 2>&1; then'),
    section('auto', trusted('ifquery --list 2>&1; ifquery --list --allow=hotplug 2>&1; :')),
    section('errors', trusted('ifquery --list 2>&1 >/dev/null || :')),
    section('reader', sh`ifquery --no-mappings ${device} 2>/dev/null || :`),
    trusted('fi'),
  );
}

/** Reads what `observeIfupdown` printed for this device. */
export function ifupdownAtBoot(output: string, device: string): Observed<IfupdownBoot> {
  const sections = parseSections(output);
  const listed = parseListed(sections.get('files'));
  const reader = sections.get('reader');
  if (listed.kind === 'unknown') return listed;
  if (listed.kind === 'absent' || reader === undefined) return unknown('ifquery is not there');
  const [error] = filledLines(sections.get('errors'));
  if (error !== undefined) return unknown(`ifquery: ${error.slice(0, 200)}`);
  const files = readInterfaces(listed.value);
  const automatic = new Set(filledLines(sections.get('auto')).map((name) => name.trim()));
  const own = files.stanzas.filter(({ device: name }) => name.split(':')[0] === device);
  const difference = readerDiffers(
    reader,
    own.filter((stanza) => stanza.device === device),
  );
  if (difference !== undefined) return unknown(difference);
  const active = own.filter((stanza) => automatic.has(stanza.device));
  const found = files.stanzas.filter((stanza) => automatic.has(stanza.device));
  const addresses = active.flatMap(addressOf);
  const routes = found.flatMap(gatewayOf);
  const master = masterOf(files, device);
  const [first] = routes.toSorted((a, b) => (a.metric ?? 0) - (b.metric ?? 0));
  return value({
    comesUp: automatic.has(device),
    dhcp: active.some(({ family, method }) => family === 'inet' && method === 'dhcp'),
    addresses,
    ...(first !== undefined && { defaultRoute: first }),
    link: kindOf(own, device),
    ...(master !== undefined && { master }),
    nameServers: active.flatMap(nameServersOf),
    conflicts: [
      ...twice(addresses),
      ...clashing(routes),
      ...found.flatMap(hooks),
      ...mapped(files, device),
    ],
    newFile: newFileOf(
      files,
      listed.value.map(({ path }) => path),
      device,
    ),
  });
}

/** Each address that ifquery knows must be one that was found, and the other way round. */
function readerDiffers(reader: string, stanzas: readonly Stanza[]): string | undefined {
  const told = filledLines(reader)
    .flatMap((line) => /^address: ([\d.]+)(?:\/|$)/.exec(line.trim())?.[1] ?? [])
    .toSorted();
  const read = stanzas
    .filter(({ family }) => family === 'inet')
    .flatMap(({ options }) => last(options, 'address')?.value.split('/')[0] ?? [])
    .toSorted();
  if (told.join() === read.join()) return undefined;
  return `ifquery says address ${told.join(', ') || 'none'}, its files say ${read.join(', ') || 'none'}`;
}

function last(options: readonly StanzaOption[], name: string): StanzaOption | undefined {
  return options.findLast((option) => option.name === name);
}

function addressOf({ family, method, options }: Stanza): readonly BootAddress[] {
  const option = last(options, 'address');
  if (family !== 'inet' || method !== 'static' || option === undefined) return [];
  const [host = '', length = last(options, 'netmask')?.value ?? classful(host)] =
    option.value.split('/');
  const address = writtenAddress(host, length);
  return address === undefined ? [] : [{ address, file: option.file, line: option.line }];
}

/** What an address meant before there were netmasks. */
function classful(host: string): string {
  const first = Number(host.split('.')[0]);
  return first < 128 ? '8' : first < 192 ? '16' : '24';
}

function gatewayOf({ device, family, method, options }: Stanza): readonly BootRoute[] {
  const option = last(options, 'gateway');
  if (family !== 'inet' || method !== 'static' || option === undefined) return [];
  if (!isIpv4(option.value)) return [];
  const metric = Number(last(options, 'metric')?.value ?? 0);
  const { file, line, value: gateway } = option;
  return [
    { device: device.split(':')[0] ?? '', gateway, file, line, ...(metric > 0 && { metric }) },
  ];
}

function nameServersOf({ options }: Stanza): readonly string[] {
  return options
    .filter(({ name }) => /^dns-nameservers?$/.test(name))
    .flatMap(({ value: servers }) => servers.split(/\s+/).filter(isIpv4));
}

function twice(addresses: readonly BootAddress[]): readonly BootConflict[] {
  return addresses.flatMap(({ address, file, line }, index) => {
    const before = addresses.slice(0, index).find((other) => other.address === address);
    if (before === undefined) return [];
    return [
      {
        file,
        line,
        why: `${address} is given at ${before.file}:${before.line} already, so bringing the NIC up fails`,
        hint: 'Take one of the two stanzas out.',
      },
    ];
  });
}

/** The kernel takes one default route of each metric; the second one is refused, and with it the stanza. */
function clashing(routes: readonly BootRoute[]): readonly BootConflict[] {
  return routes.flatMap((route, index) => {
    const before = routes.slice(0, index).find(({ metric = 0 }) => metric === (route.metric ?? 0));
    if (before === undefined) return [];
    return [
      {
        file: route.file,
        line: route.line,
        why: `the default route comes from ${before.file}:${before.line} already, so bringing ${route.device} up fails`,
        hint: 'Take one of the two gateways out, or give one of them a metric.',
      },
    ];
  });
}

const DEFAULT_BY_HAND =
  /\broute\b.*\b(add|append|replace|change)\b.*(\bdefault\b|\b0[.]0[.]0[.]0\b)|\bip\s+(-\S+\s+)*r\S*\s+(a|add|append|replace|change)\b.*\bdefault\b/;

function hooks({ options }: Stanza): readonly BootConflict[] {
  return options
    .filter(
      ({ name, value: command }) =>
        /^(pre-up|up|post-up)$/.test(name) && DEFAULT_BY_HAND.test(command),
    )
    .map(({ file, line, name, value: command }) => ({
      file,
      line,
      why: `a hook makes a default route: ${name} ${command.slice(0, 120)}`,
      hint: 'Take the line out, and write a gateway in its place.',
    }));
}

function mapped({ mappings }: InterfacesFiles, device: string): readonly BootConflict[] {
  return mappings
    .filter(({ patterns }) => patterns.includes(device))
    .map(({ file, line }) => ({
      file,
      line,
      why: `a script chooses the stanza of ${device} at boot`,
      hint: `Take ${device} out of the mapping.`,
    }));
}

function kindOf(stanzas: readonly Stanza[], device: string): LinkKind {
  const names = new Set(
    stanzas.flatMap(({ options }) => options.map(({ name }) => name.replaceAll('_', '-'))),
  );
  if (names.has('bridge-ports')) return 'bridge';
  if (names.has('bond-slaves') || names.has('bond-mode')) return 'bond';
  return names.has('vlan-raw-device') || /^(vlan\d+|[^.:]+[.]\d+)$/.test(device) ? 'vlan' : 'plain';
}

function masterOf({ stanzas }: InterfacesFiles, device: string): string | undefined {
  const makes = ({ name, value: ports }: StanzaOption): boolean =>
    /^(bridge[-_]ports|bond[-_]slaves|slaves)$/.test(name) && ports.split(/\s+/).includes(device);
  const master = stanzas.find(({ options }) => options.some(makes))?.device;
  const own = stanzas
    .filter((stanza) => stanza.device === device)
    .flatMap(({ options }) => options.filter(({ name }) => /^bond[-_]master$/.test(name)));
  return master ?? own.at(-1)?.value;
}

function newFileOf({ sources }: InterfacesFiles, known: readonly string[], device: string): string {
  const stem = `lvslab-${device}`;
  const name = readableName(sources, stem);
  return name === undefined || known.includes(name) ? MAIN_FILE : name;
}
