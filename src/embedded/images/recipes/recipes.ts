import { EmbeddedLabError } from '../../../engine/model/failures/errors.ts';
import { debian13Recipe } from './debian13.ts';
import { debianNetworkdRecipe } from './debian-networkd.ts';
import { debianNmRecipe } from './debian-nm.ts';
import { debianRecipe } from './debian.ts';
import { el7Recipe } from './el7/el7.ts';
import { el9Recipe } from './el9/el9.ts';
import { type Flavour, type ImageRecipe, type LabFlavour, ofAnImage } from './image-recipe.ts';
import { ubuntuRecipe } from './ubuntu.ts';

const recipes: Readonly<Record<Flavour, ImageRecipe>> = {
  debian: debianRecipe,
  debian13: debian13Recipe,
  'debian-nm': debianNmRecipe,
  'debian-networkd': debianNetworkdRecipe,
  ubuntu: ubuntuRecipe,
  el9: el9Recipe,
  el7: el7Recipe,
};

/**
 * The flavour of a lab that is made of one.
 * @throws EmbeddedLabError for a record that names an image, and not which.
 */
export function flavourOf({ flavour }: { readonly flavour: LabFlavour }): Flavour {
  if (flavour !== ofAnImage) return flavour;
  throw new EmbeddedLabError('the lab is made of an image, but of which is not noted', {
    step: 'image',
    hint: 'Take the lab down with `lvslab lab down`, then bring it up again.',
  });
}

/** The recipe of a flavour. */
export function recipeOf(flavour: Flavour): ImageRecipe {
  return recipes[flavour];
}
