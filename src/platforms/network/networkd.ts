import { type Observed, unknown, value } from '../../engine/model/resource.ts';
import { lines } from '../../engine/model/shell/script.ts';
import { parseSections } from '../sections.ts';
import { hostNics } from './boot/host-nics.ts';
import { parseListed } from './boot/listed-files.ts';
import { isMatched } from './boot/networkd/network-match.ts';
import {
  type NetworkdBoot,
  networkdViewOf,
  observeNetworkd,
} from './boot/networkd/networkd-boot.ts';
import { cloudInitIn, keptFromCloudInit, observeCloudInit } from './cloud-init.ts';
import { madeByNetplan, nicsAsWords, nicsKnown, plainView, withFile } from './config-files.ts';
import { readNetworkFile } from './formats/network-file.ts';
import {
  addNetworkRoute,
  forOneNic,
  freshNetworkFile,
  mergeNetworkFile,
} from './formats/networkd.ts';
import {
  type ConfigFile,
  type NetworkBackend,
  type NetworkConfig,
  type ProfileSettings,
} from './network-backend.ts';
import { reconfigure } from './verbs/networkd-verbs.ts';

const OWN = '/etc/systemd/network';

/** The .network files of systemd-networkd. Routes to single machines stand in the NIC's own file. */
export const networkd: NetworkBackend = {
  name: 'networkd',
  title: 'systemd-networkd',
  observe: () => lines(observeNetworkd, observeCloudInit),
  read,
  aim,
  activate: reconfigure,
};

function read(output: string, device: string): Observed<NetworkConfig> {
  const sections = parseSections(output);
  const listed = parseListed(sections.get('files'));
  if (listed.kind === 'unknown') return listed;
  if (listed.kind === 'absent' || !sections.has('nics')) return unknown('its files were not told');
  const nics = hostNics(sections);
  // What comes with systemd is for NICs of other kinds than most hosts have.
  const cloudInit = cloudInitIn(sections);
  const own = listed.value.filter(
    ({ path, text }) =>
      /^\/(etc|run)\//.test(path) ||
      !path.endsWith('.network') ||
      nics.some((nic) => isMatched(readNetworkFile(text).match, nic) !== false),
  );
  const files = [...own, ...cloudInit.files];
  const boot = networkdViewOf(files, { device, nics });
  if (boot.kind !== 'value') return boot;
  const known = { nics: nicsAsWords(nics), cloudInit: cloudInit.known };
  return value({ files, boot: plainView(boot.value), known });
}

function aim(found: NetworkConfig, settings: ProfileSettings): NetworkConfig {
  const { device } = settings;
  const nics = nicsKnown(found);
  const before = networkdViewOf(found.files, { device, nics });
  if (before.kind !== 'value') return found;
  const { path, text } = placeOf(before.value, found.files, settings);
  if (path.startsWith('/run/systemd/network/10-netplan-')) {
    return madeByNetplan(found, path);
  }
  const merged = (settings.routes ?? []).reduce(addNetworkRoute, mergeNetworkFile(text, settings));
  const files = keptFromCloudInit(
    withFile(found.files, { path, text: merged, mode: '644' }),
    found,
  );
  if (files === found.files) return found;
  const after = networkdViewOf(files, { device, nics });
  if (after.kind !== 'value') return found;
  return { ...found, files, boot: plainView(after.value) };
}

/** The file to write, and its text so far: one that only this NIC has, in the folder that is the administrator's. */
function placeOf(
  { file, text = '', sharedWith }: NetworkdBoot,
  files: readonly ConfigFile[],
  settings: ProfileSettings,
): { readonly path: string; readonly text: string } {
  const { device } = settings;
  if (file === undefined) {
    return { path: `${OWN}/05-lvslab-${device}.network`, text: freshNetworkFile(settings) };
  }
  if (file.startsWith('/run/systemd/network/10-netplan-')) return { path: file, text };
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (sharedWith.length === 0) return { path: `${OWN}/${name}`, text };
  const dropIns = files.filter(({ path }) => path.includes(`/${name}.d/`)).map((one) => one.text);
  const prefixes = ['05-lvslab', '00-lvslab', '00-0-lvslab', '!lvslab'];
  const first = prefixes.find((prefix) => `${prefix}-${device}.network` < name) ?? '!lvslab';
  return {
    path: `${OWN}/${first}-${device}.network`,
    text: forOneNic([text, ...dropIns].join('\n'), device),
  };
}
