import { sh } from '../../../engine/model/shell/script.ts';
import { type ConfiguredNic, configuredNics, labPrefix } from '../../lab/lab-hosts.ts';
import { type ImageRecipe, type RootFile } from './image-recipe.ts';
import { interfacesFile } from '../network-files/interfaces-file.ts';
import { provisionedPackages } from './provisioned-packages.ts';

/**
 * Debian whose administrator has turned to systemd-networkd: its own files configure the NICs, and ifupdown, which the
 * installer brought, has none left.
 */
export const debianNetworkdRecipe: ImageRecipe = {
  flavour: 'debian-networkd',
  include: ['ifupdown'],
  offline: provisionedPackages,
  files: [interfacesFile([])],
  customize: [sh`chroot "$1" systemctl --quiet enable systemd-networkd.service`],
  mask: [],
  hostFiles: (host) => configuredNics(host).map(networkFile),
};

/** The file of a NIC, for systemd-networkd. */
export function networkFile({ device, address, gateway }: ConfiguredNic): RootFile {
  const lines = ['[Match]', `Name=${device}`, '', '[Network]', `Address=${address}/${labPrefix}`];
  if (gateway !== undefined) lines.push(`Gateway=${gateway}`);
  return {
    path: `/etc/systemd/network/10-${device}.network`,
    mode: 0o644,
    content: `${lines.join('\n')}\n`,
  };
}
