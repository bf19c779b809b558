import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { markWatch, outputFence } from '../../../src/transport/root/output-fence.ts';

describe('output behind a mark', () => {
  test('comes out whole, wherever the chunks are cut', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(text, text, fc.array(fc.nat(60)), (noise, output, cuts) => {
        const bytes = Buffer.from(`${noise}<mark>\n${output}`);
        const pieces: string[] = [];
        const fence = outputFence({ mark: '<mark>\n', onText: (piece) => pieces.push(piece) });
        const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort(
          (a, b) => a - b,
        );
        ends.forEach((end, i) => {
          fence.push(bytes.subarray(ends[i - 1] ?? 0, end));
        });
        expect(fence.finish()).toBe(output);
        expect(pieces.join('')).toBe(output);
        expect(fence.before()).toBe(noise);
      }),
    );
  });

  test('is nothing while the mark is missing', () => {
    const fence = outputFence({ mark: '<mark>\n' });
    fence.push(Buffer.from('no shell today <mark'));
    expect(fence.isOpen()).toBe(false);
    expect(fence.finish()).toBe('');
    expect(fence.before()).toBe('no shell today <mark');
  });

  test('may have so many bytes on each side of the mark, and is not kept beyond them', () => {
    const excesses: string[] = [];
    const pieces: string[] = [];
    const fence = outputFence({
      mark: '<mark>\n',
      maxBytes: 10,
      onText: (text) => pieces.push(text),
      onExcess: () => excesses.push('too long'),
    });
    fence.push(Buffer.from('123456789'));
    fence.push(Buffer.from('0<mark>\n'));
    fence.push(Buffer.from('1234567890'));
    expect(excesses).toEqual([]);
    fence.push(Buffer.from('x'));
    fence.push(Buffer.from('y'.repeat(100)));
    expect(excesses).toEqual(['too long']);
    expect(fence.finish()).toBe('1234567890');
    expect(pieces.join('')).toBe('1234567890');
  });

  test('has its end kept where the mark does not come', () => {
    const fence = outputFence({ mark: '<mark>\n' });
    for (let line = 0; line < 20_000; line++) fence.push(Buffer.from(`line ${line}\n`));
    expect(fence.before().length).toBeLessThan(64 * 1024);
    expect(fence.before()).toMatch(/line 19999\n$/);
  });
});

describe('a mark that is watched for', () => {
  test('is told as often as it stands there, wherever the chunks are cut', () => {
    const piece = fc.constantFrom('ab', 'aba', 'a', 'b', 'x');
    fc.assert(
      fc.property(fc.array(piece), fc.integer({ min: 1, max: 5 }), (pieces, size) => {
        const text = pieces.join('');
        let times = 0;
        const watch = markWatch('aba', () => times++);
        for (let at = 0; at < text.length; at += size)
          watch(Buffer.from(text.slice(at, at + size)));
        expect(times).toBe(text.split('aba').length - 1);
      }),
    );
  });
});
