import ipaddr from 'ipaddr.js';

/** The network of an address, in CIDR notation. */
export function networkOf(address: string, prefix: number): string {
  return `${ipaddr.IPv4.networkAddressFromCIDR(`${address}/${prefix}`).toString()}/${prefix}`;
}

/** Why no host can have this address; undefined when one can. */
export function unusableReason(address: string, prefix: number): string | undefined {
  const range = ipaddr.IPv4.parse(address).range();
  if (['unspecified', 'broadcast', 'multicast', 'loopback', 'linkLocal'].includes(range)) {
    return `is ${range === 'linkLocal' ? 'link-local' : `a ${range} address`}`;
  }
  const cidr = `${address}/${prefix}`;
  const network = networkOf(address, prefix);
  if (ipaddr.IPv4.networkAddressFromCIDR(cidr).toString() === address)
    return `is the network ${network} itself`;
  const broadcast = ipaddr.IPv4.broadcastAddressFromCIDR(cidr).toString();
  return broadcast === address ? `is the broadcast address of ${network}` : undefined;
}
