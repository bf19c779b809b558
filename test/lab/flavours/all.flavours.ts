import { flavours } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { networkSafety } from './network-safety.ts';
import { takingBack } from './taking-back.ts';
import { wholeCycle } from './whole-cycle.ts';

const only = process.env['FLAVOURS_ONLY'];

for (const flavour of flavours) if ((only ?? flavour) === flavour) wholeCycle(flavour);
for (const flavour of ['debian', 'el7'] as const) {
  if ((only ?? flavour) !== flavour) continue;
  networkSafety(flavour, 5);
  takingBack(flavour, 3);
}
