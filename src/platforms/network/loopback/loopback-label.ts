import { IpAddress } from '../../../net/ip-address.ts';

/**
 * The name under which the loopback device has an address: 'lo:c0a80485' for 192.168.4.133. The network's own scripts know
 * it by this name, and no two addresses have the same.
 */
export function loopbackLabel(address: string): string {
  const bytes = IpAddress.of(address).text.split('.').map(Number);
  return `lo:${Buffer.from(bytes).toString('hex')}`;
}
