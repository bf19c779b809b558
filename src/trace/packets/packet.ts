/** The two ends of a frame. */
interface LinkAddresses {
  /** '00:0c:29:53:71:84'. */
  readonly source: string;
  readonly destination: string;
}

/** What an IPv4 header says. */
export interface IpHeader {
  /** IPv4 dotted. */
  readonly source: string;
  readonly destination: string;
  /** 0–255. */
  readonly ttl: number;
}

/** What a TCP header says, and how much follows it. */
interface TcpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 0–4294967295. */
  readonly sequence: number;
  readonly isSyn: boolean;
  readonly isAck: boolean;
  readonly isRst: boolean;
  readonly isFin: boolean;
  readonly payloadBytes: number;
}

/** A complaint about another packet, with the beginning of that. */
interface IcmpError {
  /** 3 unreachable, 4 source quench, 5 redirect, 11 time exceeded, 12 parameter problem. */
  readonly type: number;
  readonly code: number;
  readonly about: IpHeader & Pick<TcpHeader, 'sourcePort' | 'destinationPort'>;
}

/** A packet over Ethernet and IPv4 that may belong to a connection. */
export interface Packet {
  readonly link: LinkAddresses;
  /** The header around it, where it goes through a tunnel (IP in IP). */
  readonly outer?: IpHeader;
  readonly ip: IpHeader;
  readonly content:
    ({ readonly kind: 'tcp' } & TcpHeader) | ({ readonly kind: 'icmp-error' } & IcmpError);
}

/** A frame as a capture holds it. */
export interface CapturedFrame {
  /** Microseconds since 1970, by the clock of the machine that captured it. */
  readonly time: number;
  /** Its beginning, as far as it was captured. */
  readonly bytes: Buffer;
  /** What it was on the wire. */
  readonly length: number;
}
