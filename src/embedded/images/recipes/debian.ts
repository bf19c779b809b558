import { configuredNics } from '../../lab/lab-hosts.ts';
import { type ImageRecipe } from './image-recipe.ts';
import { interfacesFile } from '../network-files/interfaces-file.ts';
import { provisionedPackages } from './provisioned-packages.ts';

/** Debian as its installer leaves a server: systemd, SSH, and ifupdown for the network, with a client for DHCP. */
export const debianRecipe: ImageRecipe = {
  flavour: 'debian',
  include: ['ifupdown', 'isc-dhcp-client'],
  offline: provisionedPackages,
  files: [],
  customize: [],
  mask: [],
  hostFiles: (host) => [interfacesFile(configuredNics(host))],
};
