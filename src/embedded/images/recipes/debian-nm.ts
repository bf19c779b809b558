import { configuredNics } from '../../lab/lab-hosts.ts';
import { type ImageRecipe } from './image-recipe.ts';
import { interfacesFile } from '../network-files/interfaces-file.ts';
import { keyfile } from '../network-files/nm-keyfile.ts';
import { provisionedPackages } from './provisioned-packages.ts';

/**
 * Debian whose network is NetworkManager's. ifupdown is there as well, for Debian's installer always brings it, and
 * knows of no NIC: Debian's NetworkManager leaves every NIC alone that /etc/network/interfaces names. A NIC without a
 * profile is treated as Debian's configuration says: NetworkManager asks for an address by DHCP, and gets none here.
 */
export const debianNmRecipe: ImageRecipe = {
  flavour: 'debian-nm',
  include: ['ifupdown', 'network-manager'],
  offline: provisionedPackages,
  files: [interfacesFile([])],
  customize: [],
  mask: [],
  hostFiles: (host) => configuredNics(host).map(keyfile),
};
