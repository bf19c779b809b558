import { filledLines, parseSections } from '../sections.ts';

interface InstalledPackage {
  readonly version: string;
  /**
   * What the package manager notes about it: 'manual', 'auto', 'config-files'; 'unpacked', 'half-configured auto' where an
   * installation was broken off; for rpm the number of its transaction.
   */
  readonly mark: string;
}

/** By name; for rpm's signing keys 'gpg-pubkey-VERSION-RELEASE', as rpm itself tells them apart. */
export type InstalledPackages = Readonly<Record<string, InstalledPackage>>;

/** Reads the sections 'packages' (NAME, VERSION and MARK, parted by tabs) and 'auto' (names). */
export function parseInstalledPackages(output: string): InstalledPackages {
  const sections = parseSections(output);
  const auto = new Set(filledLines(sections.get('auto')));
  return Object.fromEntries(
    filledLines(sections.get('packages')).map((line) => {
      const [name = '', version = '', mark = ''] = line.split('\t');
      if (name === 'gpg-pubkey')
        return [`${name}-${version.replace(/^0:/, '')}`, { version, mark }];
      const why = auto.has(name) ? 'auto' : 'manual';
      if (mark === 'installed') return [name, { version, mark: why }];
      return [name, { version, mark: BROKEN_OFF.test(mark) ? `${mark} ${why}` : mark }];
    }),
  );
}

/** The states of dpkg that only an installation or a removal leaves behind which was broken off. */
const BROKEN_OFF = /^(half|unpacked)/;

/** Whether the package can be used; configuration files that a removed one left behind don't count. */
export function isInstalled(packages: InstalledPackages, name: string): boolean {
  const isUsable = !/^(config-files|not-installed)/.test(markOf(packages, name) ?? 'not-installed');
  return isUsable && !isBrokenOff(packages, name);
}

/** Whether an installation or a removal of it was broken off. */
export function isBrokenOff(packages: InstalledPackages, name: string): boolean {
  return BROKEN_OFF.test(markOf(packages, name) ?? '');
}

/** Whether there is anything of the package: a half of it, its configuration files. */
export function isThere(packages: InstalledPackages, name: string): boolean {
  return ![undefined, 'not-installed'].includes(markOf(packages, name));
}

function markOf(packages: InstalledPackages, name: string): string | undefined {
  return Object.hasOwn(packages, name) ? packages[name]?.mark : undefined;
}
