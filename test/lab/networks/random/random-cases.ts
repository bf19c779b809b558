import fc from 'fast-check';
import { type Flavour } from '../../../../src/embedded/images/recipes/image-recipe.ts';
import { type NetworkCase } from '../network-case.ts';
import { ifcfgNetwork } from './ifcfg.ts';
import { ifupdownNetwork } from './ifupdown.ts';
import { netplanNetwork } from './netplan.ts';
import { networkdNetwork } from './networkd.ts';
import { nmNetwork } from './nm.ts';
import { type RandomNetwork } from './random-network.ts';

/** Who runs the network, and the flavour of the lab on which that is tried. */
const kinds: Readonly<Partial<Record<Flavour, fc.Arbitrary<RandomNetwork>>>> = {
  debian: ifupdownNetwork,
  el7: ifcfgNetwork,
  'debian-nm': nmNetwork,
  ubuntu: netplanNetwork,
  'debian-networkd': networkdNetwork,
};

/**
 * Networks that nobody has thought of, but that are legal: so many of each kind. The same seed makes the same ones, however
 * many are asked for.
 */
export function randomCases(seed: number, count: number): readonly NetworkCase[] {
  return Object.entries(kinds).flatMap(([flavour, kind]) =>
    // The first samples are small; each is made with a seed of its own.
    Array.from({ length: count }, (_, i): readonly NetworkCase[] => {
      const [made] = fc.sample(fc.noShrink(kind), { seed: seed * 1000 + i, numRuns: 1 });
      if (made === undefined) return [];
      const name = `random network ${i + 1} of seed ${seed}`;
      return [{ ...made, name, flavour: flavour as Flavour, expect: 'either' }];
    }).flat(),
  );
}
