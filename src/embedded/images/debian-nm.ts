import { type ConfiguredNic, configuredNics, labPrefix } from '../lab/lab-hosts.ts';
import { type ImageRecipe, type RootFile } from './image-recipe.ts';
import { interfacesFile } from './interfaces-file.ts';
import { nicUuid } from './nic-uuid.ts';
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

/** A profile as NetworkManager itself writes it; it reads none that others may read. */
function keyfile({ device, mac, address, gateway }: ConfiguredNic): RootFile {
  const lines = [
    '[connection]',
    `id=${device}`,
    `uuid=${nicUuid(mac)}`,
    'type=ethernet',
    `interface-name=${device}`,
    '',
    '[ethernet]',
    '',
    '[ipv4]',
    `address1=${address}/${labPrefix}${gateway === undefined ? '' : `,${gateway}`}`,
    'method=manual',
    '',
    '[ipv6]',
    'addr-gen-mode=default',
    'method=auto',
    '',
    '[proxy]',
  ];
  return {
    path: `/etc/NetworkManager/system-connections/${device}.nmconnection`,
    mode: 0o600,
    content: `${lines.join('\n')}\n`,
  };
}
