import { existsSync } from 'node:fs';
import path from 'node:path';

import { configuredNics, type LabHostSpec } from '../../lab/lab-hosts.ts';
import { networkFile } from '../recipes/debian-networkd.ts';
import { renderIfcfg } from '../recipes/el7/ifcfg.ts';
import { type RootFile } from '../recipes/image-recipe.ts';
import { interfacesFile } from '../network-files/interfaces-file.ts';
import { keyfile } from '../network-files/nm-keyfile.ts';
import { netplanFile } from '../recipes/ubuntu.ts';

/** The network configuration of a host, for whatever in the image reads one at boot. */
export function foreignNetworkFiles(root: string, host: LabHostSpec): readonly RootFile[] {
  const has = (...files: readonly string[]): boolean =>
    files.some((file) => existsSync(path.join(root, file)));
  if (has('usr/sbin/netplan')) return [netplanFile(host)];
  if (has('etc/sysconfig/network-scripts/ifup')) return ifcfgFiles(host);
  if (has('usr/sbin/NetworkManager')) {
    return has(...ifcfgPlugins(root)) ? ifcfgFiles(host) : configuredNics(host).map(keyfile);
  }
  if (has('usr/sbin/ifup', 'sbin/ifup')) return [interfacesFile(configuredNics(host))];
  return configuredNics(host).map(networkFile);
}

/** The plugin that reads ifcfg files is there in release 9 as well, whose own files are keyfiles. */
function ifcfgPlugins(root: string): readonly string[] {
  const isOld = existsSync(path.join(root, 'etc/sysconfig/network-scripts')) && !isRelease9(root);
  return isOld ? ['etc/sysconfig/network-scripts'] : [];
}

function isRelease9(root: string): boolean {
  return existsSync(path.join(root, 'etc/sysconfig/network-scripts/readme-ifcfg-rh.txt'));
}

function ifcfgFiles(host: LabHostSpec): readonly RootFile[] {
  return configuredNics(host).map((nic) => ({
    path: `/etc/sysconfig/network-scripts/ifcfg-${nic.device}`,
    mode: 0o644,
    content: renderIfcfg(nic),
  }));
}
