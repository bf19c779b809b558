import { type Flavour } from '../../../src/embedded/images/recipes/image-recipe.ts';

/** One letter a flavour: with it, the names of all labs of a suite differ, and stay short. */
export const flavourLetters: Readonly<Record<Flavour, string>> = {
  debian: 'd',
  el7: 'e',
  'debian-nm': 'n',
  ubuntu: 'u',
  'debian-networkd': 's',
  debian13: 't',
  el9: 'r',
};
