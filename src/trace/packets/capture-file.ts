import { captureFileHeader, frameHeader } from './layouts.ts';
import { type CapturedFrame } from './packet.ts';

/** The first four bytes of a capture file, which tell its order of bytes and whether its times are in nanoseconds. */
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const ETHERNET = 1;
const FILE_HEADER_BYTES = 24;
const FRAME_HEADER_BYTES = 16;
/** No frame is longer; what says so of itself is damaged. */
const MOST_BYTES = 262_144;

/**
 * The frames of a capture file of Ethernet, as tcpdump writes it; what was cut off at its end is left out.
 * @throws SyntaxError for whatever is no such file.
 */
export function readCaptureFile(file: Buffer): readonly CapturedFrame[] {
  const { endianness, nanoseconds } = kindOf(file);
  const readFrameHeader = frameHeader(endianness);
  const frames: CapturedFrame[] = [];
  let at = FILE_HEADER_BYTES;
  for (;;) {
    const head = readFrameHeader(file.subarray(at, at + FRAME_HEADER_BYTES));
    if (head === undefined) return frames;
    const { seconds, fraction, captured, length } = head;
    if (captured > MOST_BYTES) throw new SyntaxError('a frame of the capture is damaged');
    at += FRAME_HEADER_BYTES;
    const bytes = file.subarray(at, at + captured);
    if (bytes.length < captured) return frames;
    at += captured;
    frames.push({
      time: seconds * 1e6 + (nanoseconds ? fraction / 1000 : fraction),
      bytes,
      length,
    });
  }
}

/** One capture file that Wireshark and tcpdump open, of frames from several places, in the order of their times. */
export function captureFile(frames: readonly CapturedFrame[]): Buffer {
  const head = Buffer.alloc(FILE_HEADER_BYTES);
  head.writeUInt32LE(MICROSECONDS, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(MOST_BYTES, 16);
  head.writeUInt32LE(ETHERNET, 20);
  const inOrder = frames.toSorted((a, b) => a.time - b.time);
  return Buffer.concat([
    head,
    ...inOrder.flatMap(({ time, bytes, length }) => {
      const own = Buffer.alloc(FRAME_HEADER_BYTES);
      own.writeUInt32LE(Math.floor(time / 1e6), 0);
      own.writeUInt32LE(Math.floor(time % 1e6), 4);
      own.writeUInt32LE(bytes.length, 8);
      own.writeUInt32LE(length, 12);
      return [own, bytes];
    }),
  ]);
}

function kindOf(file: Buffer): {
  readonly endianness: 'little' | 'big';
  readonly nanoseconds: boolean;
} {
  for (const endianness of ['little', 'big'] as const) {
    const head = captureFileHeader(endianness)(file);
    if (head?.magic !== MICROSECONDS && head?.magic !== NANOSECONDS) continue;
    if (head.linkType !== ETHERNET) {
      throw new SyntaxError(`the capture is not of Ethernet (link type ${head.linkType})`);
    }
    return { endianness, nanoseconds: head.magic === NANOSECONDS };
  }
  throw new SyntaxError('this is no capture file');
}
