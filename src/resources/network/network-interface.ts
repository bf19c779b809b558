import { z } from 'zod';
import { MissingOnHostError, PlaybookError } from '../../engine/model/errors.ts';
import {
  absent,
  type Change,
  type Observed,
  type Past,
  type Resource,
  type ResourceSpec,
  type Target,
  value,
} from '../../engine/model/resource.ts';
import { defineKind } from '../../engine/model/resource-kind.ts';
import { type RollbackPlan } from '../../engine/model/rollback-plan.ts';
import { lines, type Script, sh } from '../../engine/model/script.ts';
import { type Facts } from '../../platforms/facts.ts';
import { networkBackends } from '../../platforms/network/network-backends.ts';
import { type Platform } from '../../platforms/platform.ts';
import { parseSections, section } from '../../platforms/sections.ts';
import { fieldChange, listChanges } from '../field-changes.ts';
import { convergeFile, fileState, observeFile, parseFile } from '../files/file-state.ts';
import { device as deviceName, line, networkConfiguration } from '../schemas.ts';
import {
  addressWithPrefix,
  aimAtBefore,
  aimAtSettings,
  type InterfaceState,
} from './interface-aim.ts';
import { interfaceRollback } from './interface-rollback.ts';
import { convergeRuntime, observeRuntime, parseRuntime } from './interface-runtime.ts';
import {
  type InterfaceSettings,
  type NetworkBackend,
} from '../../platforms/network/network-backend.ts';
import { diffRoutes, effectiveRoute, leadsTo } from './routes.ts';

/**
 * The address, and the default gateway, of a NIC: written down for the next boot, and set now by the smallest commands
 * that do it; the network is never restarted.
 * @throws MissingOnHostError naming the NICs that are there; PlaybookError when the device can't be one.
 */
export function networkInterface(
  { platform, facts }: { readonly platform: Platform; readonly facts: Facts },
  settings: InterfaceSettings,
): Resource<InterfaceState> {
  const { device } = settings;
  checkDevice(device, facts);
  checkTools(platform, facts);
  return interfaceBy({ networkConfiguration: platform.network.name, settings });
}

/** The settings of a NIC, in the files of one way of configuring the network. */
export const interfaceBy = defineKind('network-interface', {
  args: z.object({
    networkConfiguration,
    settings: z.object({
      device: deviceName,
      address: z.ipv4(),
      prefix: z.int().min(0).max(32),
      gateway: z.ipv4().exactOptional(),
      dns: z.array(z.ipv4()).readonly(),
    }),
  }),
  state: z.object({
    path: line,
    up: z.boolean(),
    addresses: z.array(line),
    leased: z.array(line).exactOptional(),
    defaultRoutes: z.array(line),
    file: fileState.exactOptional(),
  }),
  make: ({ networkConfiguration: way, settings }): Resource<InterfaceState> =>
    interfaceResource(networkBackends[way], settings),
});

function interfaceResource(
  backend: NetworkBackend,
  settings: InterfaceSettings,
): Resource<InterfaceState> {
  const { device } = settings;
  const readPast = ({ before, specs }: Past<InterfaceState>) => ({
    before: stateOf(before),
    specs,
    settingsOf: ({ args }: ResourceSpec) => interfaceBy.readArgs(args).settings,
  });
  return {
    id: `network interface ${device}`,
    observe: lines(
      observeRuntime(device),
      backend.locate(device),
      section('path', sh`printf '%s\n' "$path"`),
      observeFile(sh`"$path"`),
    ),
    parse: parseFound,
    aim(found, past) {
      const known = past === undefined ? undefined : readPast(past);
      return value(aimAtSettings(stateOf(found), settings, { backend, past: known }));
    },
    diff: (from, to) => diffInterface(stateOf(from), stateOf(to)),
    converge: (from, to) => convergeInterface({ device, backend }, stateOf(from), stateOf(to)),
    rollback: (from, to) => rollbackOf({ settings, backend }, stateOf(from), stateOf(to)),
    notice: (found) => leavingAtBoot(stateOf(found), settings),
    undo: {
      aim: (found, past) =>
        past.before.kind === 'absent'
          ? found
          : value(aimAtBefore(stateOf(found), settings, readPast(past))),
    },
  };
}

function rollbackOf(
  {
    settings,
    backend: { reload },
  }: { readonly settings: InterfaceSettings; readonly backend: NetworkBackend },
  from: InterfaceState,
  to: InterfaceState,
): RollbackPlan | undefined {
  const { device, gateway } = settings;
  // What only comes into effect at the next boot cuts nothing off now.
  if (diffInterface(from, to).every(({ field }) => field === to.path)) return undefined;
  const known = hostsOf(from.addresses);
  const gained = [...hostsOf(to.addresses)].filter((address) => !known.has(address));
  const isOurs =
    to.addresses.includes(addressWithPrefix(settings)) &&
    leadsTo(effectiveRoute(to.defaultRoutes), settings);
  return interfaceRollback({
    device,
    path: to.path,
    gained,
    gateway: isOurs ? gateway : undefined,
    reload,
  });
}

/** Without their prefix lengths. */
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

function checkTools({ network: { atBoot }, title }: Platform, { tools }: Facts): void {
  if (atBoot === undefined || tools.has(atBoot.program)) return;
  throw new MissingOnHostError(
    `${atBoot.package} is not installed, so its files would not be read at boot`,
    {
      step: 'network',
      hint: `On ${title}, lvslab configures NICs through ${atBoot.package}: install it, and disable what does it now.`,
    },
  );
}

function parseFound(output: string): Observed<InterfaceState> {
  const sections = parseSections(output);
  const file = parseFile(output);
  if (file.kind === 'unknown') return file;
  return value({
    ...parseRuntime(sections),
    path: sections.get('path') ?? '',
    ...(file.kind === 'value' && { file: file.value }),
  });
}

/** What a DHCP client that still runs has got; the host may be reached by it. */
function leavingAtBoot(
  { leased = [] }: InterfaceState,
  settings: InterfaceSettings,
): string | undefined {
  const leaving = leased.filter((address) => address !== addressWithPrefix(settings));
  return leaving.length === 0
    ? undefined
    : `${settings.device} has ${leaving.join(', ')} by DHCP until the next boot only; ansible_host must be an address that stays`;
}

function diffInterface(from: InterfaceState, to: InterfaceState): readonly Change[] {
  const { lost, gained } = listChanges(from.addresses, to.addresses);
  return [
    ...fieldChange(to.path, from.file?.content, to.file?.content),
    ...fieldChange('link', upOrDown(from.up), upOrDown(to.up)),
    ...fieldChange('address', joined(lost), joined(gained)),
    ...diffRoutes('default route', from.defaultRoutes, to.defaultRoutes),
  ];
}

function convergeInterface(
  { device, backend }: { readonly device: string; readonly backend: NetworkBackend },
  from: InterfaceState,
  to: InterfaceState,
): Script {
  const isWritten = from.file?.content === to.file?.content;
  return lines(
    isWritten ? undefined : convergeFile(to.path, to.file === undefined ? absent : value(to.file)),
    isWritten ? undefined : backend.reload,
    convergeRuntime(device, from, to),
  );
}

function joined(addresses: readonly string[]): string | undefined {
  return addresses.length === 0 ? undefined : addresses.join(' ');
}

function upOrDown(up: boolean): string {
  return up ? 'up' : 'down';
}

/** A NIC is always there: where it is not, it can't be observed. */
function stateOf(state: Target<InterfaceState>): InterfaceState {
  if (state.kind === 'value') return state.value;
  return { path: '', up: false, addresses: [], defaultRoutes: [] };
}
