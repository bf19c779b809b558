import { describe, expect, test } from '@jest/globals';
import { isOlder } from '../../../src/platforms/version.ts';

describe('which of two versions is older', () => {
  test.each([
    ['1.16.1', '1.21.2', true],
    ['1.21.2', '1.16.1', false],
    ['1.9.0', '1.10.0', true],
    ['1.21.2', '1.21.2', false],
    ['1.21', '1.21.0', true],
    ['1.21.0', '1.21', false],
    ['6.1.0-13-amd64', '6.1', false],
    ['4.17.0-1-amd64', '4.18', true],
    ['3.10.0-862.el7.x86_64', '4.18', true],
    ['10.0.0', '9.9.9', false],
  ])('%s is older than %s: %s', (version, than, expected) => {
    expect(isOlder(version, than)).toBe(expected);
  });
});
