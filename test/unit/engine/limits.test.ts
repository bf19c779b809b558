import { expect, test } from '@jest/globals';
import { confirmWindowSeconds, readingLimitMs } from '../../../src/engine/host/limits.ts';

test.each([
  ['one that answers at once', { connectMs: 150, sessionMs: 40 }, 60_000, 60],
  ['this machine itself, before its first session', { connectMs: 0, sessionMs: 0 }, 60_000, 60],
  [
    'one with a slow login, before its first session',
    { connectMs: 20_000, sessionMs: 0 },
    200_000,
    400,
  ],
  ['an emulated one on a busy machine', { connectMs: 5000, sessionMs: 3000 }, 180_000, 160],
  ['the slowest', { connectMs: 60_000, sessionMs: 60_000 }, 900_000, 600],
])('a host gets the time that it needs: %s', (_which, pace, reading, confirmation) => {
  expect(readingLimitMs(pace)).toBe(reading);
  expect(confirmWindowSeconds(pace)).toBe(confirmation);
});

test('what is asked for at least is the least, also beyond the usual most', () => {
  expect(readingLimitMs({ connectMs: 0, sessionMs: 0 }, 1500)).toBe(1500);
  expect(readingLimitMs({ connectMs: 0, sessionMs: 0 }, 1_000_000)).toBe(1_000_000);
});
