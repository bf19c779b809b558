import { filledLines, parseSections } from '../sections.ts';

interface InstalledPackage {
  readonly version: string;
  /** What the package manager notes about it: 'manual', 'auto', 'config-files'; for rpm the number of its transaction. */
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
      if (mark !== 'installed') return [name, { version, mark }];
      return [name, { version, mark: auto.has(name) ? 'auto' : 'manual' }];
    }),
  );
}

/** Whether the package can be used; configuration files that a removed one left behind don't count. */
export function isInstalled(packages: InstalledPackages, name: string): boolean {
  const found = Object.hasOwn(packages, name) ? packages[name] : undefined;
  return found !== undefined && !/^(config-files|not-installed|half|unpacked)/.test(found.mark);
}
