import { expect, test } from '@jest/globals';
import { formatDuration, formatSeconds } from '../../../src/reporters/text/format-duration.ts';

test.each([
  [-0, '0.0 s', '0 s'],
  [-0.000_01, '0.0 s', '0 s'],
  [-1200, '0.0 s', '0 s'],
  [400, '0.4 s', '0 s'],
  [9950, '10 s', '10 s'],
  [72_000, '1 min 12 s', '1 min 12 s'],
])('%d ms are told as %s', (milliseconds, duration, seconds) => {
  expect(formatDuration(milliseconds)).toBe(duration);
  expect(formatSeconds(milliseconds)).toBe(seconds);
});
