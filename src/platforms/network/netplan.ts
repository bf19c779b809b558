import { type Observed, value } from '../../engine/model/resource.ts';
import { lines, sh } from '../../engine/model/shell/script.ts';
import { parseSections } from '../sections.ts';
import { hostNics } from './boot/host-nics.ts';
import { netplanAtBoot, netplanFilesIn, observeNetplan } from './boot/netplan/netplan-boot.ts';
import { netplanViewOf } from './boot/netplan/netplan-view.ts';
import { cloudInitIn, keptFromCloudInit, observeCloudInit } from './cloud-init.ts';
import { nicsAsWords, nicsKnown, plainView, withConflict, withFile } from './config-files.ts';
import {
  addNetplanRoute,
  freshNetplan,
  mergeNetplan,
  withNetplanMetric,
} from './formats/netplan/netplan.ts';
import {
  isYes,
  type NetplanDefinition,
  type NetplanFile,
  readNetplan,
} from './formats/netplan/netplan-files.ts';
import {
  type ConfigFile,
  type NetworkBackend,
  type NetworkConfig,
  type ProfileSettings,
} from './network-backend.ts';
import { renderAndApply } from './verbs/netplan-verbs.ts';

const OWN = '/etc/netplan';

/** Of NetworkManager's; networkd gives a static route none. */
const PREFERRED_METRIC = 50;

/** The YAML of netplan, whoever it is rendered for. Routes to single machines stand in the NIC's own definition. */
export const netplan: NetworkBackend = {
  name: 'netplan',
  title: 'netplan',
  observe: () => lines(observeNetplan, observeCloudInit),
  read,
  aim,
  activate: renderAndApply,
  // Older ones have rendered what lay there before anything could put it back.
  restoreAtBoot: () => sh`
    if command -v netplan >/dev/null 2>&1 && ! systemctl is-active -q systemd-networkd.service; then
      netplan generate >/dev/null 2>&1
    fi
  `,
};

function read(output: string, device: string): Observed<NetworkConfig> {
  const sections = parseSections(output);
  const boot = netplanAtBoot(output, device);
  if (boot.kind !== 'value') return boot;
  const files = netplanFilesIn(sections);
  if (files.kind !== 'value') return files;
  const cloudInit = cloudInitIn(sections);
  const known = { nics: nicsAsWords(hostNics(sections)), cloudInit: cloudInit.known };
  return value({ files: [...files.value, ...cloudInit.files], boot: plainView(boot.value), known });
}

function aim(found: NetworkConfig, settings: ProfileSettings): NetworkConfig {
  const { device } = settings;
  const nics = nicsKnown(found);
  const definitions = readNetplan(yamlOf(found.files), nics);
  if (definitions.kind !== 'value') return found;
  const definition = definitions.value.findLast(({ devices }) => devices.includes(device));
  const obstacle = obstacleTo(definition, found.files, device);
  if (obstacle !== undefined) return withConflict(found, obstacle);
  const changed =
    definition === undefined
      ? withFile(found.files, {
          path: `${OWN}/90-lvslab-${device}.yaml`,
          text:
            routed(
              [{ path: '', text: freshNetplan(settings) }],
              { kind: 'ethernets', id: device },
              settings,
            )[0]?.text ?? '',
          mode: '600',
        })
      : edited(found, { definition, all: definitions.value, settings });
  const locked = changed.find(
    (file) => !file.path.startsWith(`${OWN}/`) && !found.files.includes(file),
  );
  if (locked !== undefined) {
    return withConflict(found, {
      file: locked.path,
      line: 0,
      why: `it says what ${device} has, and is made anew at every boot or comes with a package`,
      hint: `Move what it says of ${device} to a file below ${OWN}.`,
    });
  }
  const files = keptFromCloudInit(changed, found);
  if (files === found.files) return found;
  const boot = netplanViewOf(yamlOf(files), { device, nics, before: found.boot });
  return boot === undefined ? found : { ...found, files, boot };
}

function yamlOf(files: readonly ConfigFile[]): readonly ConfigFile[] {
  return files.filter(({ path }) => path.endsWith('.yaml'));
}

/** An address has to stand in a definition of the NIC alone. */
function obstacleTo(
  definition: NetplanDefinition | undefined,
  files: readonly ConfigFile[],
  device: string,
) {
  if (definition === undefined || definition.devices.length < 2) return undefined;
  const { id, devices } = definition;
  const others = devices.filter((other) => other !== device).join(', ');
  return {
    file: files.find(({ text }) => text.includes(id))?.path ?? OWN,
    line: 0,
    why: `its definition '${id}' is for ${device} and for ${others}, and one address can't be given to both`,
    hint: `Give ${device} a definition of its own, with its macaddress as match.`,
  };
}

function edited(
  { files }: NetworkConfig,
  {
    definition,
    all,
    settings,
  }: {
    readonly definition: NetplanDefinition;
    readonly all: readonly NetplanDefinition[];
    readonly settings: ProfileSettings;
  },
): readonly ConfigFile[] {
  const merged = routed(mergeNetplan(yamlOf(files), definition, settings), definition, settings);
  const isRival =
    definition.renderer === 'NetworkManager' &&
    settings.gateway !== undefined &&
    all.some((other) => other !== definition && mayHaveDefault(other));
  const texts = isRival ? withNetplanMetric(merged, definition, PREFERRED_METRIC) : merged;
  return texts.reduce<readonly ConfigFile[]>(
    (known, { path, text }) => withFile(known, { path, text, mode: '600' }),
    files,
  );
}

function routed(
  files: readonly NetplanFile[],
  target: Pick<NetplanDefinition, 'kind' | 'id'>,
  { routes = [] }: ProfileSettings,
): readonly NetplanFile[] {
  return routes.reduce((known, route) => addNetplanRoute(known, target, route), files);
}

function mayHaveDefault({ values }: NetplanDefinition): boolean {
  return (
    isYes(values.get('dhcp4')?.at(-1)) ||
    values.has('gateway4') ||
    /"to":"?(default|0[.]0[.]0[.]0\/0|0\/0)"?/.test(JSON.stringify(values.get('routes') ?? []))
  );
}
