import { debianRecipe } from './debian.ts';
import { type Flavour, type ImageRecipe } from './image-recipe.ts';

const recipes: Readonly<Record<Flavour, ImageRecipe>> = { debian: debianRecipe, el7: debianRecipe };

/** The recipe of a flavour. */
export function recipeOf(flavour: Flavour): ImageRecipe {
  return recipes[flavour];
}
