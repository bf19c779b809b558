import { type CapturePoint, type NicCapture } from '../capture/capture.ts';
import { type Packet } from '../packets/packet.ts';
import { readPacket } from '../packets/read-packet.ts';

/** A packet of the connection at one NIC. */
export interface Sighting {
  readonly point: CapturePoint;
  /** Seen from the host whose NIC it is. */
  readonly direction: 'out' | 'in';
  /** Microseconds since 1970, by the clock of the machine that captured it. */
  readonly time: number;
  readonly packet: Packet;
}

/** By what the packets of one connection are known wherever they are seen: IPVS changes addresses, but not these. */
export interface ConnectionNumbers {
  /** 1–65535, which no hop changes. */
  readonly clientPort: number;
  /** Ports that the other end may have: that of the service, and those of its real servers. */
  readonly serverPorts: ReadonlySet<number>;
}

/** Every packet over IPv4 that left or reached one of the NICs. */
export function sightingsIn(captures: readonly NicCapture[]): readonly Sighting[] {
  return captures.flatMap(({ point, frames }) =>
    frames.flatMap((frame) => {
      const packet = readPacket(frame);
      if (packet === undefined) return [];
      const direction = directionOf(packet, point);
      return direction === undefined ? [] : [{ point, direction, time: frame.time, packet }];
    }),
  );
}

/** What a switch floods passes NICs that it isn't for. */
function directionOf({ link }: Packet, { mac }: CapturePoint): Sighting['direction'] | undefined {
  if (link.source === mac) return 'out';
  return link.destination === mac ? 'in' : undefined;
}

/** Which of the two ways a packet of the connection goes; undefined where it is of another one. */
export function wayOf(
  { content }: Packet,
  { clientPort, serverPorts }: ConnectionNumbers,
): 'request' | 'reply' | undefined {
  if (content.kind === 'icmp-error') {
    const { sourcePort, destinationPort } = content.about;
    if (sourcePort === clientPort && serverPorts.has(destinationPort)) return 'reply';
    return destinationPort === clientPort && serverPorts.has(sourcePort) ? 'request' : undefined;
  }
  const { sourcePort, destinationPort } = content;
  if (sourcePort === clientPort && serverPorts.has(destinationPort)) return 'request';
  return destinationPort === clientPort && serverPorts.has(sourcePort) ? 'reply' : undefined;
}

/** The port that the client took for the connection: that of the first SYN to the service; undefined where there is none. */
export function clientPortIn(
  sightings: readonly Sighting[],
  {
    ports: { first, last },
    service,
  }: {
    readonly ports: { readonly first: number; readonly last: number };
    readonly service: { readonly address: string; readonly port: number };
  },
): number | undefined {
  const opening = sightings
    .filter(({ packet: { ip, content } }) => {
      if (content.kind !== 'tcp' || !content.isSyn || content.isAck) return false;
      const { sourcePort, destinationPort } = content;
      const isOurs = sourcePort >= first && sourcePort <= last;
      return isOurs && ip.destination === service.address && destinationPort === service.port;
    })
    .toSorted((a, b) => a.time - b.time)[0];
  const content = opening?.packet.content;
  return content?.kind === 'tcp' ? content.sourcePort : undefined;
}
