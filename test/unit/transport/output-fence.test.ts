import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { outputFence } from '../../../src/transport/output-fence.ts';

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
});
