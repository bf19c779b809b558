import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { imageName } from './build-image.ts';
import { flavours } from './recipes/image-recipe.ts';
import { recipeOf } from './recipes/recipes.ts';
import { RUN_FILE } from '../hosts/launch.ts';
import { askProgram, removeTree } from '../machine/programs.ts';
import { diskName } from '../hosts/virtual-machine.ts';
import { kernelName } from './vm-kernel.ts';

/** Something that was removed from the cache. */
export interface Pruned {
  /** Its path below the cache. */
  readonly name: string;
  readonly mebibytes: number;
}

/**
 * Removes the images, kernels and disks that no recipe of this lvslab makes and no lab was made from.
 * @param labs the folder that holds the folders of all labs.
 */
export async function pruneCache({
  cache,
  labs,
}: {
  readonly cache: string;
  readonly labs: string;
}): Promise<readonly Pruned[]> {
  const images = flavours.map((flavour) => imageName(recipeOf(flavour)));
  const kernel = kernelName();
  const current = new Set([
    kernel,
    ...images.map((image) => path.join('images', image)),
    ...images.map((image) => path.join('disks', diskName(image, kernel))),
  ]);
  const programs = await programsOf(labs);
  const pruned: Pruned[] = [];
  for (const name of await cachedIn(cache)) {
    const isUsed = programs.some((text) => text.includes(path.join(cache, name)));
    if (current.has(name) || isUsed) continue;
    const { stdout } = await askProgram(['du', '-sm', path.join(cache, name)]);
    await removeTree(path.join(cache, name));
    pruned.push({ name, mebibytes: Number.parseInt(stdout, 10) || 0 });
  }
  return pruned;
}

/** Everything that depends on a recipe; what is half made is left to the one who makes it. */
async function cachedIn(cache: string): Promise<readonly string[]> {
  const kernels = (await entriesOf(cache)).filter((name) => name.startsWith('kernel-'));
  const others = await Promise.all(
    ['images', 'disks'].map(async (folder) =>
      (await entriesOf(path.join(cache, folder))).map((name) => path.join(folder, name)),
    ),
  );
  return [...kernels, ...others.flat()].filter((name) => !path.basename(name).startsWith('.'));
}

/** What starts the hosts of all labs, which names what they stand on. */
async function programsOf(labs: string): Promise<readonly string[]> {
  const files = (await entriesOf(labs)).map(async (lab) => {
    const hosts = path.join(labs, lab, 'hosts');
    return (await entriesOf(hosts)).map((host) => path.join(hosts, host, RUN_FILE));
  });
  const known = (await Promise.all(files)).flat();
  return await Promise.all(known.map((file) => readFile(file, 'utf8').catch(() => '')));
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => []);
}
