import { describe, expect, test } from '@jest/globals';

import { shown } from '../../../src/inventory/shown.ts';

describe('a foreign value in a message', () => {
  test('stands as it is while it fits', () => {
    expect(shown('x'.repeat(58))).toBe(`"${'x'.repeat(58)}"`);
    expect(shown({ port: 80 })).toBe('{"port":80}');
    expect(shown(undefined)).toBe('nothing');
  });

  test('a long one ends between two characters', () => {
    expect(shown('𑢠'.repeat(40))).toBe(`"${'𑢠'.repeat(29)}… (42 characters)`);
  });

  test('what a terminal would obey is spelled out, and a long one never ends inside of such a spelling', () => {
    expect(shown('\u202Eab')).toBe(String.raw`"\u{202e}ab"`);
    expect(shown('\u202E'.repeat(20))).toBe(
      String.raw`"${String.raw`\u{202e}`.repeat(7)}… (22 characters)`,
    );
  });
});
