import { type InterfaceSettings } from '../../../../src/platforms/network/network-backend.ts';
import { type NetworkCase, otherGateway } from '../network-case.ts';
import { type WanKind } from './noise.ts';

/** A host's network that was made up, and what is asked for there. */
export type RandomNetwork = Required<Pick<NetworkCase, 'files' | 'settings'>>;

/** The director's second NIC, where there is nothing on it yet, and another gateway on the first. */
export function askedFor(wan: WanKind): readonly InterfaceSettings[] {
  const outside = { device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] };
  return wan === 'address' ? [otherGateway, outside] : [otherGateway];
}
