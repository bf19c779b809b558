import { type HostNic } from './boot/host-nics.ts';
import { type BootView } from './boot/boot-view.ts';
import { type ConfigFile, type NetworkConfig } from './network-backend.ts';

/** The files with this text at this path: in the place of a file that is there, or behind the others. */
export function withFile(
  files: readonly ConfigFile[],
  { path, text, mode }: Pick<ConfigFile, 'path' | 'text' | 'mode'>,
): readonly ConfigFile[] {
  const known = files.find((file) => file.path === path);
  if (known?.text === text) return files;
  if (known === undefined) return [...files, { path, text, mode, owner: 0 }];
  const changed = { path, text, mode: known.mode, owner: known.owner };
  return files.map((file) => (file === known ? changed : file));
}

/** What a reader knows of a NIC, without what only its own backend knows. */
export function plainView(view: BootView): BootView {
  const { comesUp, dhcp, addresses, defaultRoute, link, master, nameServers, conflicts } = view;
  return {
    comesUp,
    dhcp,
    addresses,
    ...(defaultRoute !== undefined && { defaultRoute }),
    link,
    ...(master !== undefined && { master }),
    nameServers,
    conflicts,
  };
}

/** The host's NICs as words: 'ens33 00:50:56:00:00:01'. */
export function nicsAsWords(nics: readonly HostNic[]): readonly string[] {
  return nics.map(({ device, mac }) => `${device} ${mac}`);
}

/** Reads what `nicsAsWords` made. */
export function nicsKnown({ known }: Pick<NetworkConfig, 'known'>): readonly HostNic[] {
  return (known['nics'] ?? []).map((words) => {
    const [device = '', mac = ''] = words.split(' ');
    return { device, mac };
  });
}

/** The view with one conflict more. */
export function withConflict(
  found: NetworkConfig,
  conflict: BootView['conflicts'][number],
): NetworkConfig {
  return { ...found, boot: { ...found.boot, conflicts: [...found.boot.conflicts, conflict] } };
}

/** The view where the file that counts is one that netplan has made: what is edited there is gone after a boot. */
export function madeByNetplan(found: NetworkConfig, file: string): NetworkConfig {
  return withConflict(found, {
    file,
    line: 0,
    why: 'netplan writes it anew at every boot',
    hint: 'Have netplan configure the NIC, or take it out of its files.',
  });
}
