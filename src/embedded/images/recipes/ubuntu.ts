import { sh } from '../../../engine/model/shell/script.ts';
import { stringify } from 'yaml';

import {
  type ConfiguredNic,
  configuredNics,
  labPrefix,
  type LabHostSpec,
} from '../../lab/lab-hosts.ts';
import { type ImageRecipe, type RootFile } from './image-recipe.ts';
import { packagedFiles } from '../packaged-files.ts';
import { provisionedPackages } from './provisioned-packages.ts';

/**
 * A labelled stand-in for Ubuntu 24.04, made of Debian's programs: its release files, and its network, which netplan
 * renders for systemd-networkd from the file that cloud-init wrote. ifupdown is not installed.
 */
export const ubuntuRecipe: ImageRecipe = {
  flavour: 'ubuntu',
  include: ['netplan.io', 'systemd-resolved'],
  offline: provisionedPackages,
  get files() {
    return packagedFiles('ubuntu', '/');
  },
  customize: [sh`chroot "$1" systemctl --quiet enable systemd-networkd.service`],
  mask: [],
  hostFiles: (host) => [netplanFile(host), stubResolver],
};

/** What cloud-init puts above it; readers know the file by that. */
const header = `# This file is generated from information provided by the datasource.  Changes
# to it will not persist across an instance reboot.  To disable cloud-init's
# network configuration capabilities, write a file
# /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg with the following:
# network: {config: disabled}
`;

/** The file of a host, as cloud-init writes it for netplan. */
export function netplanFile(host: LabHostSpec): RootFile {
  const nics = configuredNics(host).map((nic) => [nic.device, ethernet(nic)] as const);
  const ethernets = Object.fromEntries(nics);
  const text = stringify({ network: { version: 2, ethernets } }, { indentSeq: false });
  // netplan warns of a file that others may read: it may hold the passwords of wireless networks.
  return { path: '/etc/netplan/50-cloud-init.yaml', mode: 0o600, content: header + text };
}

function ethernet({ address, gateway }: ConfiguredNic): Readonly<Record<string, unknown>> {
  return {
    addresses: [`${address}/${labPrefix}`],
    ...(gateway !== undefined && { routes: [{ to: 'default', via: gateway }] }),
  };
}

/** systemd-resolved answers for the host, as on Ubuntu. */
const stubResolver: RootFile = {
  path: '/etc/resolv.conf',
  mode: 0o777,
  content: '',
  link: '../run/systemd/resolve/stub-resolv.conf',
};
