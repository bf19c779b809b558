import { cp, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { labNamed } from '../../src/embedded/embedded-lab.ts';

/** What the embedded lab keeps for all labs, and the part of it that are packages as they came. */
const CACHE = labNamed('lvslab').paths.cache;
const PACKAGES = 'debs';

/** A cache as of a machine that has the packages and has made nothing of them. */
export class OwnCache {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(): Promise<OwnCache> {
    const folder = await mkdtemp(`${CACHE}-bench-`);
    await cp(path.join(CACHE, PACKAGES), path.join(folder, PACKAGES), { recursive: true });
    return new OwnCache(folder);
  }

  /** The words of a command for which this cache lies where lvslab looks, and for nobody else. */
  words(argv: readonly string[]): readonly string[] {
    const inside = 'mount --bind "$0" "$1" && shift && exec "$@"';
    const apart = ['unshare', '--mount', '--propagation', 'slave'];
    return [...apart, 'sh', '-c', inside, this.#folder, CACHE, ...argv];
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
