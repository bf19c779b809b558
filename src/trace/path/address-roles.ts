import { type VirtualService } from '../../ipvs/virtual-service.ts';
import { type Lab } from '../../lab/lab.ts';

/** What an address is in the lab. */
export type AddressRole = 'CIP' | 'VIP' | 'DIP' | 'RIP';

/** By address, IPv4 dotted. */
export type AddressRoles = ReadonlyMap<string, AddressRole>;

/**
 * What the addresses of a trace are called.
 * @param clientAddress as the client's own packets have it, where any were seen.
 */
export function addressRoles(
  { directors, realServers, clients }: Pick<Lab, 'directors' | 'realServers' | 'clients'>,
  service: Pick<VirtualService, 'address'>,
  clientAddress: string | undefined,
): AddressRoles {
  const known: readonly (readonly [string, AddressRole])[] = [
    ...directors.map(({ inside }) => [inside.address, 'DIP'] as const),
    ...clients.map(({ address }) => [address, 'CIP'] as const),
    ...realServers.map(({ nic }) => [nic.address, 'RIP'] as const),
    ...(clientAddress === undefined ? [] : [[clientAddress, 'CIP'] as const]),
    // Comes last: an address that is more than one of them is the VIP first of all.
    [service.address, 'VIP'],
  ];
  return new Map(known);
}
