import { z } from 'zod';
import { MissingOnHostError, PlaybookError } from '../../../engine/model/failures/errors.ts';
import {
  absent,
  type Past,
  type Resource,
  type ResourceSpec,
  value,
} from '../../../engine/model/resource.ts';
import { defineKind } from '../../../engine/model/resource-kind.ts';
import { type RollbackPlan } from '../../../engine/model/rollback-plan.ts';
import { lines, type Script, sh } from '../../../engine/model/shell/script.ts';
import { shellFunction } from '../../../engine/model/shell/shared-shell.ts';
import { type Facts } from '../../../platforms/facts/facts.ts';
import {
  type InterfaceSettings,
  type NetworkBackend,
} from '../../../platforms/network/network-backend.ts';
import { backendOfNic } from '../../../platforms/network/owners/backend-of.ts';
import { networkBackends } from '../../../platforms/network/network-backends.ts';
import { type Platform } from '../../../platforms/platform.ts';
import { observeExtended } from '../../files/extended-attributes.ts';
import { convergeFile } from '../../files/file-state.ts';
import { device as deviceName, networkConfiguration } from '../../schemas.ts';
import {
  addressWithPrefix,
  aimAtBefore,
  aimAtSettings,
  configured,
  type InterfacePast,
} from './interface-aim.ts';
import { interfaceConflicts } from './interface-conflicts.ts';
import { diffInterface, diffRuntime } from './interface-diff.ts';
import { isForeignInterface } from './interface-foreign.ts';
import { interfaceRollback } from './interface-rollback.ts';
import { convergeRuntime, observeRuntime } from './interface-runtime.ts';
import {
  interfaceState,
  type InterfaceState,
  parseInterface,
  stateOf,
  writtenPaths,
} from './interface-state.ts';
import { settleRuntime } from './interface-settle.ts';
import { effectiveRoute, leadsTo } from '../routes.ts';

/**
 * The address, and the default gateway, of a NIC: written down for the next boot, and set now by the smallest commands
 * that do it; the network is never restarted.
 * @param earlier what other NICs get before in the same play: one file may be about several.
 * @throws MissingOnHostError naming the NICs that are there; PlaybookError when the device can't be one; ConflictError when
 * two configure it.
 */
export function networkInterface(
  { platform, facts }: { readonly platform: Platform; readonly facts: Facts },
  settings: InterfaceSettings,
  earlier: readonly InterfaceSettings[] = [],
): Resource<InterfaceState> {
  const { device } = settings;
  checkDevice(device, facts);
  const backendOf = (nic: string) => backendOfNic(facts, nic, () => platform.network);
  const { name } = checkTools(backendOf(device), facts);
  const beside = earlier.filter((other) => backendOf(other.device).name === name);
  return interfaceBy({
    networkConfiguration: name,
    settings,
    ...(beside.length > 0 && { beside }),
  });
}

const route = z.object({ address: z.ipv4(), gateway: z.ipv4(), device: deviceName });

const interfaceSettings = z.object({
  device: deviceName,
  address: z.ipv4(),
  prefix: z.int().min(0).max(32),
  gateway: z.ipv4().exactOptional(),
  dns: z.array(z.ipv4()).readonly(),
  routes: z.array(route).readonly().exactOptional(),
});

/** The settings of a NIC, in the files of one way of configuring the network. */
export const interfaceBy = defineKind('network-interface', {
  args: z.object({
    networkConfiguration,
    settings: interfaceSettings,
    beside: z.array(interfaceSettings).readonly().exactOptional(),
  }),
  state: interfaceState,
  make: ({ networkConfiguration: way, settings, beside = [] }): Resource<InterfaceState> =>
    interfaceResource(networkBackends[way], settings, beside),
});

function interfaceResource(
  backend: NetworkBackend,
  settings: InterfaceSettings,
  beside: readonly InterfaceSettings[],
): Resource<InterfaceState> {
  const { device } = settings;
  const readPast = ({ before, specs, outcomes }: Past<InterfaceState>): InterfacePast => ({
    before: stateOf(before),
    specs,
    outcomes,
    settingsOf: ({ args }: ResourceSpec) => interfaceBy.readArgs(args).settings,
  });
  return {
    id: `network interface ${device}`,
    observe: lines(observeRuntime(device), extendedAttributes, backend.observe(device)),
    parse: (output) => parseInterface(output, device, backend),
    aim(found, past) {
      const known = past === undefined ? undefined : readPast(past);
      return value(aimAtSettings(stateOf(found), settings, { backend, past: known }));
    },
    diff: (from, to) => diffInterface(stateOf(from), stateOf(to)),
    converge: (from, to) => convergeInterface({ device, backend }, stateOf(from), stateOf(to)),
    rollback: (from, to) => rollbackOf({ settings, backend }, stateOf(from), stateOf(to)),
    conflicts: (found, to) => interfaceConflicts(stateOf(found), stateOf(to), settings),
    afterChanges(found, changed) {
      const made = beside.filter((other) => changed.has(`network interface ${other.device}`));
      return value(configuredFor(made, stateOf(found), backend));
    },
    notice: (found) => leavingAtBoot(stateOf(found), settings),
    undo: {
      aim: (found, past) =>
        past.before.kind === 'absent'
          ? found
          : value(aimAtBefore(stateOf(found), settings, { past: readPast(past), backend })),
      isForeign: (found, before) =>
        isForeignInterface(stateOf(found), stateOf(before), { settings, backend }),
      // What was written for the NICs beside it is theirs to undo.
      outcome(from, to) {
        const start = configuredFor(beside, stateOf(from), backend);
        const own = aimAtSettings(start, settings, { backend, past: undefined });
        const paths = new Set(writtenPaths(start.files, own.files));
        const written = writtenPaths(stateOf(from).files, stateOf(to).files);
        return { written: written.filter((path) => paths.has(path)) };
      },
    },
  };
}

/** A file about several NICs will have been written for the others. */
function configuredFor(
  others: readonly InterfaceSettings[],
  found: InterfaceState,
  backend: NetworkBackend,
): InterfaceState {
  return others.reduce(
    (state, other) => ({ ...state, ...configured(state, backend, other) }),
    found,
  );
}

/** For `lvslab_show`: what there is to a file beside its content, mode and owner. */
const extendedAttributes = shellFunction(
  'lvslab_extended',
  sh`
  lvslab_extended() {
    ## Within the functions that follow, $1 is another word.
    lvslab_about=$1
    {
    ${observeExtended(sh`"$lvslab_about"`)}
    } | sed -n 's/^ //p'
  }
`,
);

function rollbackOf(
  { settings, backend }: { readonly settings: InterfaceSettings; readonly backend: NetworkBackend },
  from: InterfaceState,
  to: InterfaceState,
): RollbackPlan | undefined {
  const { device, gateway } = settings;
  const paths = writtenPaths(from.files, to.files);
  const isActivated = backend.activate !== undefined && paths.length > 0;
  // What only comes into effect at the next boot cuts nothing off now.
  if (!isActivated && diffRuntime(from, to).length === 0) return undefined;
  const known = hostsOf(from.addresses);
  const gained = [...hostsOf(to.addresses)].filter((address) => !known.has(address));
  const isOurs =
    to.addresses.includes(addressWithPrefix(settings)) &&
    leadsTo(effectiveRoute(to.defaultRoutes), settings);
  return interfaceRollback({
    device,
    paths,
    gained,
    gateway: isOurs ? gateway : undefined,
    backend,
  });
}

/** Without their prefix lengths. */
function hostsOf(addresses: readonly string[]): ReadonlySet<string> {
  return new Set(addresses.map((address) => address.replace(/[/].*/, '')));
}

function checkTools(backend: NetworkBackend, { tools }: Facts): NetworkBackend {
  const { atBoot, title } = backend;
  if (atBoot === undefined || tools.has(atBoot.program)) return backend;
  throw new MissingOnHostError(
    `${atBoot.package} is not installed, so its files would not be read at boot`,
    {
      step: 'network',
      hint: `lvslab would configure NICs through ${title} here: install ${atBoot.package}, and disable what does it now.`,
    },
  );
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

function convergeInterface(
  { device, backend }: { readonly device: string; readonly backend: NetworkBackend },
  from: InterfaceState,
  to: InterfaceState,
): Script {
  const paths = writtenPaths(from.files, to.files);
  const change = { device, paths };
  const files = paths.map((path) => {
    const [before, after] = [from, to].map(({ files: known }) => {
      const file = known.find((one) => one.path === path)?.file;
      return file === undefined ? absent : value(file);
    });
    return convergeFile(path, after ?? absent, before);
  });
  return lines(
    ...files,
    paths.length === 0 ? undefined : backend.reload?.(change),
    backend.activate === undefined
      ? convergeRuntime(device, from, to)
      : lines(
          backend.activate(change),
          // A state to go back to is told by its files; of what the next boot makes of them there is nothing in it.
          settleRuntime(device, from, to, { isGoingBack: to.boot === undefined }),
        ),
  );
}
