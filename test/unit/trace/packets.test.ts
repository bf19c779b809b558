import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { captureFile, readCaptureFile } from '../../../src/trace/packets/capture-file.ts';
import { readPacket } from '../../../src/trace/packets/read-packet.ts';
import { frame, tcpDatagram, tunnelled } from '../../support/samples/sample-frames.ts';

const [A, B] = ['00:0c:29:53:71:84', '00:0c:29:53:71:ac'];
const syn = tcpDatagram({
  source: '192.168.4.132:10001',
  destination: '192.168.4.133:80',
  ttl: 64,
  flags: 'S',
  sequence: 4_294_967_295,
});

describe('packets', () => {
  test('a TCP packet', () => {
    expect(readPacket({ bytes: frame(A, B, syn) })).toEqual({
      link: { source: A, destination: B },
      ip: { source: '192.168.4.132', destination: '192.168.4.133', ttl: 64 },
      content: {
        kind: 'tcp',
        sourcePort: 10_001,
        destinationPort: 80,
        sequence: 4_294_967_295,
        ...{ isSyn: true, isAck: false, isRst: false, isFin: false },
        payloadBytes: 0,
      },
    });
  });

  test('a later fragment, a cut header, another protocol and a tunnel with nothing in it are passed over', () => {
    const fragment = Buffer.from(syn);
    fragment.writeUInt16BE(100, 6);
    const udp = Buffer.from(syn);
    udp[9] = 17;
    const empty = tunnelled(Buffer.alloc(0), {
      source: '10.0.0.1',
      destination: '10.0.0.2',
      ttl: 9,
    });
    for (const content of [fragment, udp, empty, syn.subarray(0, 33), Buffer.alloc(0)])
      expect(readPacket({ bytes: frame(A, B, content) })).toBeUndefined();
  });

  test('whatever bytes a host sends, reading them ends in a packet or in none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(60), (noise, at) => {
        const bytes = frame(
          A,
          B,
          tunnelled(syn, { source: '10.0.0.1', destination: '10.0.0.2', ttl: 1 }),
        );
        bytes.set(noise.subarray(0, bytes.length - at), at);
        readPacket({ bytes });
        readPacket({ bytes: Buffer.from(noise) });
      }),
    );
  });
});

describe('capture files', () => {
  const frames = [
    { time: 1_700_000_000_000_250, bytes: frame(A, B, syn), length: 400 },
    { time: 1_700_000_000_000_010, bytes: frame(B, A, syn), length: 54 },
  ];

  test('what is written is read again, in the order of the times', () => {
    expect(readCaptureFile(captureFile(frames))).toEqual(frames.toReversed());
  });

  test('the other order of bytes, and nanoseconds', () => {
    const little = captureFile(frames.slice(1));
    const big = Buffer.from(little);
    for (const [at, size] of [
      [0, 4],
      [4, 2],
      [6, 2],
      [16, 4],
      [20, 4],
      [24, 4],
      [28, 4],
      [32, 4],
      [36, 4],
    ] as const)
      Buffer.from(little.subarray(at, at + size))
        .reverse()
        .copy(big, at);
    expect(readCaptureFile(big)).toEqual(frames.slice(1));
    const nanoseconds = Buffer.from(little);
    nanoseconds.writeUInt32LE(0xa1b23c4d, 0);
    nanoseconds.writeUInt32LE(10_500, 28);
    expect(readCaptureFile(nanoseconds)[0]?.time).toBe(1_700_000_000_000_010.5);
  });

  test('what was cut off at the end is left out; what is no capture of Ethernet is refused', () => {
    const file = captureFile(frames);
    expect(readCaptureFile(file.subarray(0, -1))).toHaveLength(1);
    expect(readCaptureFile(file.subarray(0, 30))).toHaveLength(0);
    expect(() => readCaptureFile(Buffer.from('no capture at all, but long enough'))).toThrow(
      SyntaxError,
    );
    const cooked = Buffer.from(file);
    cooked.writeUInt32LE(113, 20);
    expect(() => readCaptureFile(cooked)).toThrow(/link type 113/);
    const huge = Buffer.from(file);
    huge.writeUInt32LE(4_000_000_000, 32);
    expect(() => readCaptureFile(huge)).toThrow(/damaged/);
  });
});
