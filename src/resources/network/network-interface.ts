import { MissingOnHostError, PlaybookError } from '../../engine/model/errors.ts';
import {
  type Change,
  type Observed,
  type Resource,
  type Target,
  value,
} from '../../engine/model/resource.ts';
import { lines, type Script, trusted } from '../../engine/model/script.ts';
import { type Facts } from '../../platforms/facts.ts';
import { type NetworkConfiguration, type Platform } from '../../platforms/platform.ts';
import { parseSections, section } from '../../platforms/sections.ts';
import {
  convergeFile,
  type FileState,
  observeFile,
  parseFile,
  printText,
  replaceFile,
} from '../files/file-state.ts';
import { ifcfg } from './formats/ifcfg.ts';
import { ifupdown } from './formats/ifupdown.ts';
import { interfaceGuard } from './interface-rollback.ts';
import {
  addressWithPrefix,
  effectiveRoute,
  gainSettings,
  type InterfaceRuntime,
  leadsThrough,
  observeRuntime,
  parseRuntime,
  regain,
  surplusAddresses,
} from './interface-runtime.ts';
import { type InterfaceFormat, type InterfaceSettings } from './interface-settings.ts';
import { tellNetworkManager } from './network-manager.ts';
import { parseSpec } from '../parse-spec.ts';

/** What a NIC was found with: the file about it, and what it has now. */
interface FoundInterface extends InterfaceRuntime {
  readonly kind: 'found';
  readonly path: string;
  /** Not set where there is no such file. */
  readonly file?: FileState;
}

/** Either settings that a NIC shall have beside whatever else it has, or all that it was found with. */
export type NetworkInterfaceState =
  { readonly kind: 'settings'; readonly settings: InterfaceSettings } | FoundInterface;

const formats: Readonly<Record<NetworkConfiguration, InterfaceFormat>> = { ifcfg, ifupdown };

/**
 * The address, and the default gateway, of a NIC: written down for the next boot, and set now by the smallest commands
 * that do it; the network is never restarted.
 * @throws MissingOnHostError naming the NICs that are there; PlaybookError when the device can't be one.
 */
export function networkInterface(
  { platform, facts }: { readonly platform: Platform; readonly facts: Facts },
  settings: InterfaceSettings,
): Resource<NetworkInterfaceState> {
  const { device } = settings;
  checkDevice(device, facts);
  checkTools(platform, facts);
  return interfaceBy({ networkConfiguration: platform.networkConfiguration, settings });
}

interface InterfaceSpec {
  readonly networkConfiguration: NetworkConfiguration;
  readonly settings: InterfaceSettings;
}

/**
 * The settings of a NIC, in the files of one way of configuring the network.
 * @param former addresses that it once got in the place of this one, with their prefix lengths; they go.
 */
export function interfaceBy(
  spec: InterfaceSpec,
  former: ReadonlySet<string> = new Set(),
): Resource<NetworkInterfaceState> {
  const { networkConfiguration, settings } = spec;
  const { device } = settings;
  const format = formats[networkConfiguration];
  const known = { format, former };
  return {
    id: `network interface ${device}`,
    spec: { kind: 'network-interface', args: spec },
    desired: value({ kind: 'settings', settings }),
    observe: lines(
      observeRuntime(device),
      format.locate(device),
      section('path', trusted(`printf '%s\\n' "$path"`)),
      observeFile(trusted('"$path"')),
    ),
    parse: parseFound,
    diff: (observed, to) => diffInterface(foundOf(observed), to, known),
    converge(from, to) {
      const found = foundOf(from);
      const target = to.kind === 'absent' ? undefined : to.value;
      if (target === undefined) return trusted('');
      return target.kind === 'settings'
        ? lines(
            writeSettings(found, target.settings, format),
            gainSettings(found, target.settings, replacedAddresses(found, target.settings, known)),
          )
        : lines(restoreFile(found, target), regain(found, target, { ...settings, former }));
    },
    guard(from, to) {
      if (to.kind === 'absent') return undefined;
      const found = foundOf(from);
      const wanted = to.value;
      // What only comes into effect at the next boot cuts nothing off now.
      const changes = diffInterface(found, to, known);
      if (changes.every(({ field }) => field === found.path)) return undefined;
      const gained = addressesOf(wanted).filter(
        (address) => !hostsOf(found.addresses).has(address),
      );
      const gateway = wanted.kind === 'settings' ? wanted.settings.gateway : undefined;
      return interfaceGuard({ device, path: found.path, gained, gateway });
    },
    notice: (observed) => leavingAtBoot(foundOf(observed), settings),
    withPast({ specs, before }) {
      const past = new Set(
        specs.map(({ args }) => addressWithPrefix(parseSpec('network-interface', args).settings)),
      );
      for (const address of [addressWithPrefix(settings), ...foundOf(before).addresses]) {
        past.delete(address);
      }
      return interfaceBy(spec, past);
    },
  };
}

/** Without their prefix lengths. */
function addressesOf(state: NetworkInterfaceState): readonly string[] {
  return state.kind === 'settings' ? [state.settings.address] : [...hostsOf(state.addresses)];
}

function hostsOf(addresses: readonly string[]): ReadonlySet<string> {
  return new Set(addresses.map((address) => address.replace(/[/].*/, '')));
}

function checkDevice(device: string, { interfaces }: Facts): void {
  if (!/^[\w.-]{1,15}$/.test(device)) {
    throw new PlaybookError(`'${device}' is no name of a NIC`, {
      hint: 'A NIC has up to 15 letters, digits, dots, dashes and underscores.',
    });
  }
  if (interfaces.some((nic) => nic.device === device)) return;
  const found = interfaces.map(
    (nic) => `${nic.device} (${[nic.mac, ...nic.addresses].join(', ')})`,
  );
  throw new MissingOnHostError(`there is no NIC ${device}; found: ${found.join('; ') || 'none'}`, {
    step: `network interface ${device}`,
    hint: [
      'If the NIC has another name there, write that into lvs_interface (for a director: lvs_vip_interface or lvs_dip_interface).',
      'If it is missing, add a network card: in VMware, Settings > Add > Network Adapter.',
    ].join('\n'),
  });
}

function checkTools({ networkConfiguration, title }: Platform, { tools }: Facts): void {
  if (networkConfiguration !== 'ifupdown' || tools.has('ifup')) return;
  throw new MissingOnHostError(
    'ifupdown is not installed, so its files would not be read at boot',
    {
      step: 'network',
      hint: `On ${title}, lvslab configures NICs through ifupdown: install it, and disable what does it now.`,
    },
  );
}

function parseFound(output: string): Observed<NetworkInterfaceState> {
  const sections = parseSections(output);
  const file = parseFile(output);
  if (file.kind === 'unknown') return file;
  return value({
    kind: 'found',
    ...parseRuntime(sections),
    path: sections.get('path') ?? '',
    ...(file.kind === 'value' && { file: file.value }),
  });
}

interface FormatAndFormer {
  readonly format: InterfaceFormat;
  readonly former: ReadonlySet<string>;
}

/**
 * The former addresses, and the one that the file has given so far: the next boot would not bring it, and a host that is
 * reached by it must not be lost only then.
 */
function replacedAddresses(
  { file }: FoundInterface,
  settings: InterfaceSettings,
  { format, former }: FormatAndFormer,
): ReadonlySet<string> {
  const written = file === undefined ? undefined : format.addressIn(file.content, settings.device);
  return written === undefined || written === addressWithPrefix(settings)
    ? former
    : new Set([...former, written]);
}

/** What a DHCP client that still runs has got; the host may be reached by it. */
function leavingAtBoot(
  { leased = [] }: FoundInterface,
  settings: InterfaceSettings,
): string | undefined {
  const leaving = leased.filter((address) => address !== addressWithPrefix(settings));
  return leaving.length === 0
    ? undefined
    : `${settings.device} has ${leaving.join(', ')} by DHCP until the next boot only; ansible_host must be an address that stays`;
}

function diffInterface(
  from: FoundInterface,
  to: Target<NetworkInterfaceState>,
  { format, former }: FormatAndFormer,
): readonly Change[] {
  if (to.kind === 'absent') return [];
  const before = from.file?.content;
  if (to.value.kind === 'found') {
    return [
      ...change(to.value.path, before, to.value.file?.content),
      ...change('address', from.addresses.join(' '), to.value.addresses.join(' ')),
      ...change('link', upOrDown(from.up), upOrDown(to.value.up)),
      ...change('default route', from.defaultRoutes.join('; '), to.value.defaultRoutes.join('; ')),
    ];
  }
  const { settings } = to.value;
  const { gateway, device } = settings;
  const wanted = addressWithPrefix(settings);
  const replaced = replacedAddresses(from, settings, { format, former });
  const surplus = surplusAddresses(from.addresses, settings, replaced);
  const route = effectiveRoute(from.defaultRoutes);
  return [
    ...change(from.path, before, format.merge(before, settings)),
    ...change('link', upOrDown(from.up), 'up'),
    ...change(
      'address',
      surplus.length === 0 ? undefined : surplus.join(' '),
      from.addresses.includes(wanted) ? undefined : wanted,
    ),
    ...(gateway === undefined || leadsThrough(route, settings)
      ? []
      : change('default route', route, `default via ${gateway} dev ${device}`)),
  ];
}

function change(
  field: string,
  from: string | undefined,
  to: string | undefined,
): readonly Change[] {
  if (from === to) return [];
  return [{ field, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
}

function writeSettings(
  { path, file }: FoundInterface,
  settings: InterfaceSettings,
  format: InterfaceFormat,
): Script | undefined {
  const text = format.merge(file?.content, settings);
  if (text === file?.content) return undefined;
  return lines(replaceFile(path, printText(text)), tellNetworkManager);
}

function restoreFile(from: FoundInterface, to: FoundInterface): Script | undefined {
  if (change('', from.file?.content, to.file?.content).length === 0) return undefined;
  const state = to.file === undefined ? ({ kind: 'absent' } as const) : value(to.file);
  return lines(convergeFile(to.path, state), tellNetworkManager);
}

function upOrDown(up: boolean): string {
  return up ? 'up' : 'down';
}

function foundOf(state: Target<NetworkInterfaceState>): FoundInterface {
  return state.kind === 'value' && state.value.kind === 'found'
    ? state.value
    : { kind: 'found', path: '', up: false, addresses: [], defaultRoutes: [] };
}
