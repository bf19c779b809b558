import { IpAddress } from '../../../net/ip-address.ts';
import { type HostRoute, type ProfileSettings } from '../network-backend.ts';

export { type ProfileSettings } from '../network-backend.ts';

/** A way to one machine, with its metric where that matters. */
export interface ProfileRoute extends HostRoute {
  readonly metric?: number;
}

/** Whether this is the address that is wanted, with the right length of its prefix or with another, or one that it replaces. */
export function givesWay(
  { address, prefix, replaces = [] }: ProfileSettings,
  found: string,
): boolean {
  const wanted = `${address}/${prefix}`;
  return found !== wanted && (found.split('/')[0] === address || replaces.includes(found));
}

/** Whether it is an IPv4 address in four decimal parts, without a prefix length. */
export function isIpv4(text: string): boolean {
  return IpAddress.parse(text)?.family === 'ipv4';
}
