import { type Flavour } from '../../../../src/embedded/images/recipes/image-recipe.ts';

/** The flavours whose hosts every fault is tried on: one for each package manager and kind of network files. */
const faultFlavours = ['debian', 'el7'] as const satisfies readonly Flavour[];

export type FaultFlavour = (typeof faultFlavours)[number];

/** Those that `FAULTS_FLAVOUR` leaves. */
export function wantedFlavours(): readonly FaultFlavour[] {
  const only = process.env['FAULTS_FLAVOUR'];
  return faultFlavours.filter((flavour) => (only ?? flavour) === flavour);
}
