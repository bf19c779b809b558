import { describe, expect, test } from '@jest/globals';
import { parseDocument } from 'yaml';
import { randomCases } from '../../lab/networks/random/random-cases.ts';

describe('random networks', () => {
  const cases = randomCases(7, 40);

  test('are the same ones for a seed, however many are asked for, and others for another', () => {
    const few = randomCases(7, 3);
    expect(few.filter(({ flavour }) => flavour === 'el7')).toEqual(
      cases.filter(({ flavour }) => flavour === 'el7').slice(0, 3),
    );
    expect(randomCases(8, 3)).not.toEqual(few);
  });

  test('are many different ones of each kind, by all of which the host is reached', () => {
    const texts = cases.map(({ files }) => JSON.stringify(files));
    expect(new Set(texts).size).toBeGreaterThan(150);
    expect(texts.filter((text) => !text.includes('92.168.2.128'))).toEqual([]);
  });

  test('are YAML where that is their format', () => {
    const texts = cases
      .filter(({ flavour }) => flavour === 'ubuntu')
      .flatMap(({ files }) => Object.values(files))
      .map((file) => (typeof file === 'string' ? file : file.content));
    expect(texts.flatMap((text) => parseDocument(text).errors)).toEqual([]);
  });
});
