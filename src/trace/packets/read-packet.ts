import { ethernet, icmp, ipv4, ports, tcp } from './layouts.ts';
import { type CapturedFrame, type IpHeader, type Packet } from './packet.ts';

const IPV4 = 0x0800;
const ICMP = 1;
const IP_IN_IP = 4;
const TCP = 6;
const ETHERNET_BYTES = 14;
/** What stands before the packet that an ICMP error is about. */
const ICMP_BYTES = 8;
/** Types of ICMP that are about another packet. */
const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

interface Datagram {
  readonly header: IpHeader;
  readonly protocol: number;
  readonly payload: Buffer;
  /** What the payload has on the wire, however much of it was captured. */
  readonly payloadBytes: number;
}

/** Reads a frame; undefined for whatever is no whole TCP packet and no ICMP error about one, straight or in a tunnel. */
export function readPacket({ bytes }: Pick<CapturedFrame, 'bytes'>): Packet | undefined {
  const frame = ethernet(bytes);
  if (frame?.type !== IPV4) return undefined;
  const link = { source: mac(frame.source), destination: mac(frame.destination) };
  const first = readDatagram(bytes.subarray(ETHERNET_BYTES));
  if (first === undefined) return undefined;
  if (first.protocol !== IP_IN_IP) return packetIn(first, { link });
  const inner = readDatagram(first.payload);
  return inner === undefined ? undefined : packetIn(inner, { link, outer: first.header });
}

function packetIn(datagram: Datagram, around: Pick<Packet, 'link' | 'outer'>): Packet | undefined {
  const content = contentOf(datagram);
  return content === undefined ? undefined : { ...around, ip: datagram.header, content };
}

function contentOf({ protocol, payload, payloadBytes }: Datagram): Packet['content'] | undefined {
  if (protocol === TCP) {
    const read = tcp(payload);
    if (read === undefined) return undefined;
    const { sourcePort, destinationPort, sequence, words, ack, rst, syn, fin } = read;
    return {
      kind: 'tcp',
      ...{ sourcePort, destinationPort, sequence },
      ...{ isAck: ack === 1, isRst: rst === 1, isSyn: syn === 1, isFin: fin === 1 },
      payloadBytes: Math.max(0, payloadBytes - 4 * words),
    };
  }
  if (protocol !== ICMP) return undefined;
  const error = icmp(payload);
  if (error === undefined || !ICMP_ERRORS.has(error.type)) return undefined;
  const about = readDatagram(payload.subarray(ICMP_BYTES));
  const between = about?.protocol === TCP ? ports(about.payload) : undefined;
  if (about === undefined || between === undefined) return undefined;
  return { kind: 'icmp-error', ...error, about: { ...about.header, ...between } };
}

/** A later fragment has no ports, and is passed over. */
function readDatagram(bytes: Buffer): Datagram | undefined {
  const read = ipv4(bytes);
  if (read?.fragment !== 0) return undefined;
  const { words, totalLength, ttl, protocol, source, destination } = read;
  return {
    header: { source: source.join('.'), destination: destination.join('.'), ttl },
    protocol,
    payload: bytes.subarray(4 * words),
    payloadBytes: totalLength - 4 * words,
  };
}

function mac(bytes: Buffer): string {
  return bytes.toString('hex').replaceAll(/..(?!$)/g, '$&:');
}
