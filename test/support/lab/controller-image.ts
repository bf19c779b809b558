import { type ImageRecipe } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { systemTools } from '../../../src/embedded/machine/system-tools.ts';

/** What Node.js is linked with. */
const LINKED_WITH_NODE: readonly string[] = ['libstdc++6', 'libatomic1'];

/** A flavour as a person's machine: what Node.js needs is there, and the programs that lvslab runs. */
export function asController(recipe: ImageRecipe): ImageRecipe {
  const programs = systemTools.flatMap(({ packages }) => packages.apt ?? []);
  return { ...recipe, include: [...recipe.include, ...programs, ...LINKED_WITH_NODE] };
}
