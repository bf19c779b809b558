import { type ConfiguredNic, labPrefix } from '../../lab/lab-hosts.ts';
import { type RootFile } from '../recipes/image-recipe.ts';
import { nicUuid } from './nic-uuid.ts';

/** A profile as NetworkManager itself writes it; it reads none that others may read. */
export function keyfile({ device, mac, address, gateway }: ConfiguredNic): RootFile {
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
