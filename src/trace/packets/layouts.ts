import { Parser } from 'binary-parser/dist/binary_parser.js';
import { z } from 'zod';

/** Reads a header; undefined where the bytes end before it does. */
type ReadHeader<T> = (bytes: Buffer) => T | undefined;

const octets = z.instanceof(Buffer);

/** The header of a capture file, as libpcap writes it, in the order of bytes of the machine that wrote it. */
export function captureFileHeader(
  endianness: 'little' | 'big',
): ReadHeader<{ readonly magic: number; readonly linkType: number }> {
  return header(
    z.object({ magic: z.number(), linkType: z.number() }),
    new Parser().endianness(endianness).uint32('magic').seek(16).uint32('linkType'),
  );
}

/** What stands before each frame of a capture file. */
export function frameHeader(endianness: 'little' | 'big'): ReadHeader<FrameHeader> {
  return header(
    frameHeaderSchema,
    new Parser()
      .endianness(endianness)
      .uint32('seconds')
      .uint32('fraction')
      .uint32('captured')
      .uint32('length'),
  );
}

const frameHeaderSchema = z.object({
  seconds: z.number(),
  fraction: z.number(),
  captured: z.number(),
  length: z.number(),
});

type FrameHeader = z.infer<typeof frameHeaderSchema>;

/** Ethernet II. */
export const ethernet = header(
  z.object({ destination: octets, source: octets, type: z.number() }),
  new Parser()
    .endianness('big')
    .buffer('destination', { length: 6 })
    .buffer('source', { length: 6 })
    .uint16('type'),
);

/** RFC 791; `words` is its length in units of four bytes. */
export const ipv4 = header(
  z.object({
    version: z.literal(4),
    words: z.number().min(5),
    totalLength: z.number(),
    fragment: z.number(),
    ttl: z.number(),
    protocol: z.number(),
    source: octets,
    destination: octets,
  }),
  new Parser()
    .endianness('big')
    .bit4('version')
    .bit4('words')
    .seek(1)
    .uint16('totalLength')
    .seek(2)
    .bit3('flags')
    .bit13('fragment')
    .uint8('ttl')
    .uint8('protocol')
    .seek(2)
    .buffer('source', { length: 4 })
    .buffer('destination', { length: 4 }),
);

/** The first bytes of a TCP header, which an ICMP error brings back, too. */
export const ports = header(
  z.object({ sourcePort: z.number(), destinationPort: z.number() }),
  new Parser().endianness('big').uint16('sourcePort').uint16('destinationPort'),
);

/** RFC 9293; `words` is its length in units of four bytes. */
export const tcp = header(
  z.object({
    sourcePort: z.number(),
    destinationPort: z.number(),
    sequence: z.number(),
    words: z.number().min(5),
    ack: z.number(),
    rst: z.number(),
    syn: z.number(),
    fin: z.number(),
  }),
  new Parser()
    .endianness('big')
    .uint16('sourcePort')
    .uint16('destinationPort')
    .uint32('sequence')
    .seek(4)
    .bit4('words')
    .bit4('reserved')
    .bit3('others')
    .bit1('ack')
    .bit1('psh')
    .bit1('rst')
    .bit1('syn')
    .bit1('fin'),
);

/** RFC 792, before the packet that it is about. */
export const icmp = header(
  z.object({ type: z.number(), code: z.number() }),
  new Parser().endianness('big').uint8('type').uint8('code'),
);

function header<T>(schema: z.ZodType<T>, parser: Parser): ReadHeader<T> {
  return (bytes) => {
    let read: unknown;
    try {
      read = parser.parse(bytes);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
    return schema.safeParse(read).data;
  };
}
