import { mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';

import { type AptArchive } from './apt-archive.ts';
import { removeTree } from '../machine/programs.ts';

/**
 * Puts the release tarball of nginx, as Debian's signed source package has it, at `<cache>/nginx/nginx-VERSION.tar.gz`,
 * so that the lab needs no other site.
 */
export async function provideNginxTarball(
  cache: string,
  archive: () => Promise<AptArchive>,
): Promise<string> {
  const present = await findNginxTarball(cache);
  if (present !== undefined) return present;
  const half = path.join(cache, '.half-made-nginx');
  await removeTree(half);
  const tarball = await (await archive()).downloadTarball('nginx', half);
  const version = path.basename(tarball).replace(/^nginx_(.*)\.orig\.tar\.gz$/, '$1');
  const folder = path.join(cache, 'nginx');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `nginx-${version}.tar.gz`);
  await rename(tarball, file);
  await removeTree(half);
  return file;
}

/** The tarball in the cache, if there is one. */
export async function findNginxTarball(cache: string): Promise<string | undefined> {
  const folder = path.join(cache, 'nginx');
  const files = await readdir(folder).catch(() => []);
  const name = files.find((file) => file.endsWith('.tar.gz'));
  return name === undefined ? undefined : path.join(folder, name);
}
