import { type CapturePoint, type NicCapture } from '../../../src/trace/capture/capture.ts';
import { type CapturedFrame } from '../../../src/trace/packets/packet.ts';

/** A TCP packet over IPv4, as a test describes it. */
export interface SampleTcp {
  /** '192.168.4.132:10001'. */
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  /** Some of 'S', 'A', 'R', 'F'. */
  readonly flags: string;
  readonly sequence: number;
  readonly payload?: string;
}

const FLAGS: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16 };

/** An IPv4 packet with a TCP packet in it. */
export function tcpDatagram(packet: SampleTcp): Buffer {
  const [source = '', sourcePort] = packet.source.split(':');
  const [destination = '', destinationPort] = packet.destination.split(':');
  const header = Buffer.alloc(20);
  header.writeUInt16BE(Number(sourcePort), 0);
  header.writeUInt16BE(Number(destinationPort), 2);
  header.writeUInt32BE(packet.sequence, 4);
  header[12] = 5 << 4;
  header[13] = packet.flags.split('').reduce((sum, flag) => sum + (FLAGS[flag] ?? 0), 0);
  const content = Buffer.concat([header, Buffer.from(packet.payload ?? '')]);
  return datagram({ source, destination, ttl: packet.ttl, protocol: 6 }, content);
}

/** An ICMP error about an IPv4 packet. */
export function icmpDatagram(
  about: Buffer,
  {
    type,
    code,
    ...header
  }: Readonly<Record<'type' | 'code' | 'ttl', number> & Record<'source' | 'destination', string>>,
): Buffer {
  const head = Buffer.from([type, code, 0, 0, 0, 0, 0, 0]);
  return datagram({ ...header, protocol: 1 }, Buffer.concat([head, about.subarray(0, 28)]));
}

/** IP in IP. */
export function tunnelled(
  inner: Buffer,
  header: Readonly<Record<'source' | 'destination', string> & Record<'ttl', number>>,
): Buffer {
  return datagram({ ...header, protocol: 4 }, inner);
}

function datagram(
  {
    source,
    destination,
    ttl,
    protocol,
  }: Readonly<Record<'source' | 'destination', string> & Record<'ttl' | 'protocol', number>>,
  content: Buffer,
): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + content.length, 2);
  header[8] = ttl;
  header[9] = protocol;
  header.set(source.split('.').map(Number), 12);
  header.set(destination.split('.').map(Number), 16);
  return Buffer.concat([header, content]);
}

/** An Ethernet frame with an IPv4 packet in it. */
export function frame(from: string, to: string, content: Buffer): Buffer {
  const mac = (text: string): Buffer => Buffer.from(text.replaceAll(':', ''), 'hex');
  return Buffer.concat([mac(to), mac(from), Buffer.from([0x08, 0x00]), content]);
}

/** NICs that listen, and wires between them on which packets go by. */
export class SampleWires {
  readonly #points: readonly CapturePoint[];
  readonly #frames = new Map<CapturePoint, CapturedFrame[]>();
  /** By how many microseconds the clock of a host is ahead. */
  readonly #clocks: Readonly<Record<string, number>>;

  constructor(points: readonly CapturePoint[], clocks: Readonly<Record<string, number>> = {}) {
    this.#points = points;
    this.#clocks = clocks;
  }

  /**
   * A packet goes over a wire; whoever listens at one of its ends has seen it, unless it is lost there.
   * @param time in microseconds since the test's beginning; the far end sees it 10 later.
   */
  send(
    from: string,
    to: string,
    {
      content,
      time,
      isLost = false,
    }: { readonly content: Buffer; readonly time: number; readonly isLost?: boolean },
  ): void {
    const bytes = frame(from, to, content);
    for (const point of this.#points) {
      const isFar = point.mac === to;
      if (point.mac !== from && !(isFar && !isLost)) continue;
      const frames = this.#frames.get(point) ?? [];
      const ahead = this.#clocks[point.host] ?? 0;
      const at = 1_700_000_000_000_000 + time + (isFar ? 10 : 0) + ahead;
      frames.push({ time: at, bytes, length: bytes.length });
      this.#frames.set(point, frames);
    }
  }

  get captures(): readonly NicCapture[] {
    return this.#points.map((point) => ({ point, frames: this.#frames.get(point) ?? [] }));
  }
}
