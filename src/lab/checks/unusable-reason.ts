import { type InterfaceAddress } from '../../net/interface-address.ts';

/** Why no host can have this address; undefined when one can. */
export function unusableReason({ address, network }: InterfaceAddress): string | undefined {
  const { use } = address;
  if (use === 'link-local') return 'is link-local';
  if (use !== 'unicast') return `is ${use === 'unspecified' ? 'an' : 'a'} ${use} address`;
  switch (network.reserves(address)) {
    case 'network':
      return `is the network ${network.text} itself`;
    case 'broadcast':
      return `is the broadcast address of ${network.text}`;
    case undefined:
      return undefined;
  }
}
