import { type IpHeader } from '../packets/packet.ts';
import { type AddressRole } from './address-roles.ts';

/** One end of a wire. */
export interface HopEnd {
  /** '00:0c:29:53:71:84'. */
  readonly mac: string;
  /** The host and the NIC that have this MAC; not set where it is none that was listened to. */
  readonly host?: string;
  readonly device?: string;
  /** Whether the packet was seen there. */
  readonly isSeen: boolean;
}

/** An address and a port in a header. */
export interface HopAddress {
  /** IPv4 dotted. */
  readonly address: string;
  /** 1–65535; not set in headers that have none. */
  readonly port?: number;
  readonly role?: AddressRole;
  /** What stood there at the hop before, where that was something else. */
  readonly was?: Omit<HopAddress, 'was'>;
}

/** A packet on one wire, from one NIC to the next. */
export interface Hop {
  readonly from: HopEnd;
  readonly to: HopEnd;
  readonly source: HopAddress;
  readonly destination: HopAddress;
  /** 0–255, of the inner header where there are two. */
  readonly ttl: number;
  /** The header around it, in a tunnel. */
  readonly outer?: {
    readonly source: HopAddress;
    readonly destination: HopAddress;
    readonly ttl: IpHeader['ttl'];
  };
  /** Microseconds since the first packet of the trace, by the client's clock. */
  readonly microseconds: number;
  /** How often it was seen there: more than once where it was sent again. */
  readonly copies: number;
}
