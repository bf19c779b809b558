import { type Script } from '../../engine/model/shell/script.ts';
import { type InstalledPackages } from './installed-packages.ts';

/** What journals on hosts call a package manager. */
export type PackageManagerName = 'yum' | 'dnf' | 'apt';

/** What installing and removing means for one kind of package. */
export interface PackageManager {
  readonly name: PackageManagerName;
  /** Prints the sections that `parseInstalledPackages` reads. */
  readonly list: Script;
  readonly install: (names: readonly string[]) => Script;
  /**
   * The packages that came with these names: they themselves, and what was installed for their sake.
   * @param names those of the set that were not there before.
   */
  readonly cameWith: (names: readonly string[], newcomers: InstalledPackages) => readonly string[];
  /** Read-only shell that prints the section 'stays': those of these names that others need, each with one that does. */
  readonly askOthers: (names: readonly string[]) => Script;
  /** Finishes what an interruption of ours has left half done, so that the package manager works again. */
  readonly repair?: Script;
  /** Takes away what is half there, without finishing it first; not set where nothing ever is. */
  readonly discard?: (removal: Removal) => Script;
  readonly remove: (removal: Removal) => Script;
}

/** Packages to take away. */
export interface Removal {
  readonly names: readonly string[];
  /** Those of them whose configuration was there before, and stays. */
  readonly keepConfiguration: readonly string[];
}
