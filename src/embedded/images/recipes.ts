import { debianNetworkdRecipe } from './debian-networkd.ts';
import { debianNmRecipe } from './debian-nm.ts';
import { debianRecipe } from './debian.ts';
import { el7Recipe } from './el7.ts';
import { type Flavour, type ImageRecipe } from './image-recipe.ts';
import { ubuntuRecipe } from './ubuntu.ts';

const recipes: Readonly<Record<Flavour, ImageRecipe>> = {
  debian: debianRecipe,
  'debian-nm': debianNmRecipe,
  'debian-networkd': debianNetworkdRecipe,
  ubuntu: ubuntuRecipe,
  el7: el7Recipe,
};

/** The recipe of a flavour. */
export function recipeOf(flavour: Flavour): ImageRecipe {
  return recipes[flavour];
}
