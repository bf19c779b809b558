import { type Observed, unknown, value } from '../../engine/model/resource.ts';
import { lines, type Script } from '../../engine/model/shell/script.ts';
import { filledLines, parseSections } from '../sections.ts';
import { hostNics } from './boot/host-nics.ts';
import { parseListed } from './boot/listed-files.ts';
import { activeIn, displacement } from './boot/nm-active.ts';
import { type KnownBeside, nmBeside, type NmBoot, nmViewOf, observeNm } from './boot/nm-boot.ts';
import { cloudInitIn, keptFromCloudInit, observeCloudInit } from './cloud-init.ts';
import {
  madeByNetplan,
  nicsAsWords,
  nicsKnown,
  plainView,
  withConflict,
  withFile,
} from './config-files.ts';
import {
  addKeyfileRoute,
  freshKeyfile,
  mergeKeyfile,
  uuidOf,
  withMetric,
} from './formats/nm-keyfile.ts';
import { ownProfile, withPriority } from './formats/nm-own-profile.ts';
import { isDefault, readKeyfile } from './formats/nm-profile.ts';
import {
  type ConfigFile,
  type NetworkBackend,
  type NetworkConfig,
  type ProfileSettings,
  type WrittenFiles,
} from './network-backend.ts';
import { activateProfile, loadProfiles } from './verbs/nm-verbs.ts';

const OWN = '/etc/NetworkManager/system-connections';

/** Below what NetworkManager gives by itself. */
const PREFERRED_METRIC = 50;

/** The keyfiles of NetworkManager. Routes to single machines stand in the NIC's own profile. */
export const nm: NetworkBackend = {
  name: 'nm',
  title: 'NetworkManager',
  observe: () => lines(observeNm, observeCloudInit),
  read,
  aim,
  reload: ({ paths }) => loadProfiles(paths.filter(isProfile)),
  activate,
};

function isProfile(path: string): boolean {
  return path.includes('/NetworkManager/system-connections/');
}

function ownPath(device: string): string {
  return `${OWN}/lvslab-${device}.nmconnection`;
}

function activate({ device, paths }: WrittenFiles): Script {
  const gone = new Map([[ownPath(device), uuidOf(device)]]);
  return activateProfile(device, paths.filter(isProfile), gone);
}

function read(output: string, device: string): Observed<NetworkConfig> {
  const sections = parseSections(output);
  const listed = parseListed(sections.get('files'));
  if (listed.kind === 'unknown') return listed;
  if (listed.kind === 'absent' || !sections.has('nics'))
    return unknown('the profiles were not told');
  const cloudInit = cloudInitIn(sections);
  const files = [...listed.value.filter(isOfWires), ...cloudInit.files];
  const active = activeIn(sections.get('active'));
  const known = {
    nics: nicsAsWords(hostNics(sections)),
    others: filledLines(sections.get('others')),
    timestamps: filledLines(sections.get('timestamps')).map((line) => line.trim()),
    automatic: active.filter(({ isAutomatic }) => isAutomatic).map(({ device }) => device),
    active: active.map(({ device, uuid }) => `${device} ${uuid}`),
    cloudInit: cloudInit.known,
  };
  const boot = nmViewOf(files, besideOf({ known }, device));
  return value({ files, boot: plainView(boot), known });
}

/** Others may hold passwords, and have no say here. */
function isOfWires({ text }: ConfigFile): boolean {
  const { type } = readKeyfile(text).profile;
  return !/wifi|wireless|vpn|wireguard|gsm|cdma|bluetooth|pppoe|adsl/.test(type);
}

function besideOf(found: Pick<NetworkConfig, 'known'>, device: string): KnownBeside {
  const { others = [], timestamps = [] } = found.known;
  return { device, nics: nicsKnown(found), ...nmBeside(others.join('\n'), timestamps.join('\n')) };
}

function aim(found: NetworkConfig, settings: ProfileSettings): NetworkConfig {
  const { device } = settings;
  const beside = besideOf(found, device);
  const before = nmViewOf(found.files, beside);
  const refusal = refusalOf(found, before, device);
  if (refusal !== undefined) return refusal;
  const { path, text } = placeOf(before, found.files, settings);
  const merged = (settings.routes ?? []).reduce(addKeyfileRoute, mergeKeyfile(text, settings));
  const metric = settings.gateway === undefined ? undefined : metricAgainst(found, beside);
  const written = metric === undefined ? merged : withMetric(merged, metric);
  const files = keptFromCloudInit(winning(found.files, { path, text: written }, beside), found);
  if (files === found.files) return found;
  return { ...found, files, boot: plainView(nmViewOf(files, beside)) };
}

/** The configuration with the reason in it why the profile that the boot would choose can't be ours. */
function refusalOf(
  found: NetworkConfig,
  before: NmBoot,
  device: string,
): NetworkConfig | undefined {
  const { profile } = before;
  if (profile === undefined || profile.file === ownPath(device)) return undefined;
  if (!isProfile(profile.file)) {
    return withConflict(found, {
      file: profile.file,
      line: 0,
      why: `it is the profile of ${device}, and no keyfile`,
      hint: `Run \`nmcli connection migrate ${profile.uuid}\`, which makes a keyfile of it.`,
    });
  }
  if (profile.file.startsWith('/run/')) return madeByNetplan(found, profile.file);
  const displaced = displacement(before, activeOn(found, device));
  return displaced === undefined ? undefined : withConflict(found, displaced);
}

/** The uuid of the profile that is active on a NIC. */
function activeOn({ known: { active = [] } }: NetworkConfig, device: string): string | undefined {
  const [, uuid] = active.map((words) => words.split(' ')).find(([nic]) => nic === device) ?? [];
  return uuid;
}

/** The keyfile to write, and its text so far: one for this NIC alone, in the folder that is the administrator's. */
function placeOf(
  { profile, rivals }: NmBoot,
  files: readonly ConfigFile[],
  settings: ProfileSettings,
): { readonly path: string; readonly text: string } {
  const { device } = settings;
  const textAt = (path: string) => files.find((file) => file.path === path)?.text;
  const own = textAt(ownPath(device));
  if (profile === undefined) return { path: ownPath(device), text: own ?? freshKeyfile(settings) };
  const text = textAt(profile.file) ?? '';
  if (profile.file.startsWith(`${OWN}/`) && rivals.length === 0)
    return { path: profile.file, text };
  return { path: ownPath(device), text: own ?? ownProfile(text, device) };
}

/** The files with a profile that wins over all others for its NIC; a new one has never been active. */
function winning(
  files: readonly ConfigFile[],
  { path, text }: { readonly path: string; readonly text: string },
  beside: KnownBeside,
): readonly ConfigFile[] {
  const all = withFile(files, { path, text, mode: '600' });
  const { profile } = nmViewOf(all, beside);
  if (profile === undefined || profile.file === path) return all;
  return withFile(files, { path, text: withPriority(text, profile.priority + 1), mode: '600' });
}

/**
 * The metric that the default route needs to win at every boot, where another NIC may have one: without, NetworkManager
 * gives the NICs metrics in the order in which they come up.
 */
function metricAgainst(found: NetworkConfig, beside: KnownBeside): number | undefined {
  const { device, nics } = beside;
  const { automatic = [] } = found.known;
  const { profile: mine } = nmViewOf(found.files, beside);
  const own = mine?.routes.find(isDefault)?.metric ?? mine?.routeMetric;
  const metrics = nics.flatMap((nic) => {
    if (nic.device === device) return [];
    const { profile } = nmViewOf(found.files, { ...beside, device: nic.device });
    if (profile === undefined) return automatic.includes(nic.device) ? [PREFERRED_METRIC + 1] : [];
    const { method, gateway, neverDefault, routeMetric, routes } = profile;
    const mayHave = method === 'auto' || gateway !== undefined || routes.some(isDefault);
    return mayHave && !neverDefault ? [routeMetric ?? PREFERRED_METRIC + 1] : [];
  });
  const [lowest] = metrics.toSorted((a, b) => a - b);
  if (lowest === undefined || (own !== undefined && own < lowest)) return undefined;
  return Math.max(1, Math.min(PREFERRED_METRIC, lowest - 1));
}
