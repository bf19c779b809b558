import { debianRecipe } from './debian.ts';
import { el7Recipe } from './el7.ts';
import { type Flavour, type ImageRecipe } from './image-recipe.ts';

const recipes: Readonly<Record<Flavour, ImageRecipe>> = { debian: debianRecipe, el7: el7Recipe };

/** The recipe of a flavour. */
export function recipeOf(flavour: Flavour): ImageRecipe {
  return recipes[flavour];
}
