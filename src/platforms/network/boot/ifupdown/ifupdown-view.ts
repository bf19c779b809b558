import { isIpv4 } from '../../formats/profile-settings.ts';
import { writtenAddress } from '../../network-backend.ts';
import {
  type BootAddress,
  type BootConflict,
  type BootRoute,
  type BootView,
  type LinkKind,
} from '../boot-view.ts';
import { hooksOf, scriptsOf } from './ifupdown-hooks.ts';
import {
  type InterfacesFiles,
  readableName,
  readInterfaces,
  type Stanza,
  type StanzaOption,
} from './interfaces-stanzas.ts';

const MAIN_FILE = '/etc/network/interfaces';

/** What ifupdown makes of a NIC at boot. */
export interface IfupdownBoot extends BootView {
  /** Where a stanza of our own would be read: a file that is not there yet, or the main file. */
  readonly newFile: string;
}

/** A default route with whether a DHCP server gives it, so that it can't be told but by what is there now. */
interface FoundRoute extends BootRoute {
  readonly isLeased: boolean;
}

/** What ifupdown makes of a NIC out of these files. */
export function ifupdownViewOf(
  texts: readonly { readonly path: string; readonly text: string }[],
  {
    device,
    auto,
    defaults,
    scripts: hookScripts = [],
  }: {
    readonly device: string;
    /** What is brought up by itself, the first one first. */
    readonly auto: readonly string[];
    /** The default routes of now, as `ip route` prints them: what a DHCP server gives is seen there only. */
    readonly defaults: readonly string[];
    /** Lines about default routes in scripts that are run whenever a NIC comes up, each as 'PATH:LINE:TEXT'. */
    readonly scripts?: readonly string[];
  },
): IfupdownBoot {
  const files = readInterfaces(texts);
  const rank = (stanza: Stanza): number => auto.indexOf(stanza.device);
  const found = files.stanzas
    .filter((stanza) => rank(stanza) >= 0)
    .toSorted((a, b) => rank(a) - rank(b));
  const own = files.stanzas.filter(({ device: name }) => baseOf(name) === device);
  const active = found.filter(({ device: name }) => baseOf(name) === device);
  const addresses = active.flatMap(addressOf);
  const routes = found.flatMap((stanza) => [
    ...gatewayOf(stanza),
    ...leasedGateways(stanza, files.stanzas, defaults),
  ]);
  const master = masterOf(files, device);
  const [first] = routes.toSorted((a, b) => (a.metric ?? 0) - (b.metric ?? 0));
  return {
    comesUp: auto.includes(device),
    dhcp: active.some(isDhcp),
    addresses,
    ...(first !== undefined && { defaultRoute: told(first) }),
    link: kindOf(own, device),
    ...(master !== undefined && { master }),
    nameServers: active.flatMap(nameServersOf),
    conflicts: [
      ...twice(addresses),
      ...clashing(routes),
      ...found.flatMap(hooksOf),
      ...scriptsOf(hookScripts),
      ...mapped(files, device, auto),
    ],
    newFile: newFileOf(
      files,
      texts.map(({ path }) => path),
      device,
    ),
  };
}

/** Without the number of an alias. */
function baseOf(name: string): string {
  return name.split(':')[0] ?? '';
}

function isDhcp({ family, method }: Stanza): boolean {
  return family === 'inet' && method === 'dhcp';
}

function told({ device, gateway, metric, file, line }: FoundRoute): BootRoute {
  return {
    device,
    file,
    line,
    ...(gateway !== undefined && { gateway }),
    ...(metric !== undefined && { metric }),
  };
}

/** A default route that is there now through a NIC that asks by DHCP, and that no file gives it. */
function leasedGateways(
  stanza: Stanza,
  all: readonly Stanza[],
  defaults: readonly string[],
): readonly FoundRoute[] {
  if (!isDhcp(stanza)) return [];
  const { device, options, file, line } = stanza;
  const written = all
    .filter(({ device: name }) => baseOf(name) === device)
    .flatMap(gatewayOf)
    .map(({ gateway }) => gateway);
  const metric = Number(lastOption(options, 'metric')?.value ?? 0);
  return defaults.flatMap((route) => {
    const [, gateway, by] = /\bvia ([\d.]+) dev (\S+)/.exec(route) ?? [];
    if (gateway === undefined || by !== device || written.includes(gateway)) return [];
    return [{ device, gateway, file, line, isLeased: true, ...(metric > 0 && { metric }) }];
  });
}

/** Of an option that stands there twice, the last. */
export function lastOption(
  options: readonly StanzaOption[],
  name: string,
): StanzaOption | undefined {
  return options.findLast((option) => option.name === name);
}

/** The address with its prefix length that a stanza gives, and where it stands. */
export function addressOf({ family, method, options }: Stanza): readonly BootAddress[] {
  const option = lastOption(options, 'address');
  if (family !== 'inet' || method !== 'static' || option === undefined) return [];
  const [host = '', length = lastOption(options, 'netmask')?.value ?? classful(host)] =
    option.value.split('/');
  const address = writtenAddress(host, length);
  return address === undefined ? [] : [{ address, file: option.file, line: option.line }];
}

/** What an address meant before there were netmasks. */
function classful(host: string): string {
  const first = Number(host.split('.')[0]);
  return first < 128 ? '8' : first < 192 ? '16' : '24';
}

function gatewayOf({ device, family, method, options }: Stanza): readonly FoundRoute[] {
  const option = lastOption(options, 'gateway');
  if (family !== 'inet' || method !== 'static' || option === undefined) return [];
  if (!isIpv4(option.value)) return [];
  const metric = Number(lastOption(options, 'metric')?.value ?? 0);
  const { file, line, value: gateway } = option;
  return [
    {
      device: baseOf(device),
      gateway,
      file,
      line,
      isLeased: false,
      ...(metric > 0 && { metric }),
    },
  ];
}

/** Name servers that a stanza names, IPv4 dotted. */
export function nameServersOf({ options }: Stanza): readonly string[] {
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

/**
 * The kernel takes one default route of each metric; the second one is refused, and with it the stanza. A DHCP client makes
 * nothing of that.
 */
function clashing(routes: readonly FoundRoute[]): readonly BootConflict[] {
  return routes.flatMap((route, index) => {
    const before = routes.slice(0, index).find(({ metric = 0 }) => metric === (route.metric ?? 0));
    if (before === undefined || route.isLeased) return [];
    const giver = before.isLeased ? `DHCP (${before.device})` : 'another gateway';
    return [
      {
        about: 'default route',
        file: route.file,
        line: route.line,
        why: `the default route comes from ${giver} at ${before.file}:${before.line} already, so bringing ${route.device} up fails`,
        hint: before.isLeased
          ? `Give ${before.device} a static address without a gateway, or a metric there.`
          : 'Take one of the two gateways out, or give one of them a metric.',
      },
    ];
  });
}

function mapped(
  { mappings }: InterfacesFiles,
  device: string,
  auto: readonly string[],
): readonly BootConflict[] {
  const logical = auto.find((name) => name.startsWith(`${device}=`));
  return [
    ...mappings
      .filter(({ patterns }) => patterns.includes(device))
      .map(({ file, line }) => ({
        file,
        line,
        why: `a script chooses the stanza of ${device} at boot`,
        hint: `Take ${device} out of the mapping.`,
      })),
    ...(logical === undefined
      ? []
      : [
          {
            file: MAIN_FILE,
            line: 0,
            why: `${device} is brought up as ${logical.slice(device.length + 1)}, which may be another NIC's stanza as well`,
            hint: `Name ${device} itself in its auto line and its iface stanza.`,
          },
        ]),
  ];
}

function kindOf(stanzas: readonly Stanza[], device: string): LinkKind {
  const names = new Set(
    stanzas.flatMap(({ options }) => options.map(({ name }) => name.replaceAll('_', '-'))),
  );
  if (names.has('bridge-ports')) return 'bridge';
  if (names.has('bond-slaves') || names.has('bond-mode')) return 'bond';
  const made = stanzas
    .flatMap(({ options }) => options.map(({ value: text }) => text))
    .flatMap((text) => /\blink\b.*\badd\b.*\btype\s+(bridge|bond|vlan)\b/.exec(text)?.[1] ?? []);
  const [byHand] = (['bridge', 'bond', 'vlan'] as const).filter((kind) => made.includes(kind));
  if (byHand !== undefined) return byHand;
  if (
    stanzas.some(({ options }) => options.some(({ value: text }) => /\bbrctl\s+addbr\b/.test(text)))
  ) {
    return 'bridge';
  }
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
