import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { type RootFile } from './recipes/image-recipe.ts';

/** Writes the files below a root directory, with their folders. */
export async function writeRootFiles(root: string, files: readonly RootFile[]): Promise<void> {
  for (const { path: inside, mode, content, link } of files) {
    const file = path.join(root, inside);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
    if (link === undefined) {
      await writeFile(file, content);
      // The mode given to writeFile is subject to the umask.
      await chmod(file, mode);
    } else {
      await symlink(link, file);
    }
  }
}

/** A symbolic link of a host's root file system. */
export function link(inside: string, target: string): RootFile {
  return { path: inside, mode: 0o777, content: '', link: target };
}
