import { lines, type Script, sh, trusted } from '../engine/script.ts';
import { type PackageManager } from '../platforms/platform.ts';
import { section } from '../platforms/sections.ts';
import { type InstalledPackages } from './installed-packages.ts';

/** What installing and removing means for one kind of package. */
export interface PackageCommands {
  /** Prints the sections that `parseInstalledPackages` reads. */
  readonly list: Script;
  readonly install: (names: readonly string[]) => Script;
  /**
   * The packages that came with these names: they themselves, and what was installed for their sake.
   * @param names those of the set that were not there before.
   */
  readonly cameWith: (names: readonly string[], newcomers: InstalledPackages) => readonly string[];
  readonly remove: (removal: {
    readonly names: readonly string[];
    /** Those of them whose configuration was there before, and stays. */
    readonly keepConfiguration: readonly string[];
  }) => Script;
}

/** rpm marks each package with the transaction that installed it: later ones are somebody else's. */
const yum: PackageCommands = {
  list: section(
    'packages',
    sh`rpm -qa --qf ${'%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{INSTALLTID}\\n'}`,
  ),
  install: (names) =>
    lines(
      sh`yum -y --disablerepo='*' --enablerepo='lvslab-*' install -- ${names}`,
      // yum is content when it finds only some of them.
      sh`rpm -q -- ${names}`,
    ),
  cameWith(names, newcomers) {
    const last = Math.max(...names.map((name) => Number(newcomers[name]?.mark)));
    return Object.keys(newcomers).filter((name) => Number(newcomers[name]?.mark) <= last);
  },
  remove({ names }) {
    const keys = names.filter(isKey);
    const packages = names.filter((name) => !isKey(name));
    return lines(
      // Refuses, and says why, when something else needs one of them by now; yum would remove that too.
      sh`rpm -e --test -- ${packages}`,
      sh`yum -y --disablerepo='*' --setopt=clean_requirements_on_remove=0 remove -- ${packages}`,
      keys.length === 0 ? undefined : sh`rpm -e -- ${keys}`,
    );
  },
};

const aptGet = trusted(
  'apt-get -y -o DPkg::Lock::Timeout=60 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold',
);

/** apt marks what it installed for the sake of others. */
const apt: PackageCommands = {
  list: lines(
    section('packages', sh`dpkg-query -W -f ${'${Package}\\t${Version}\\t${db:Status-Status}\\n'}`),
    // `apt-mark showauto` would write apt's cache.
    section(
      'auto',
      sh`awk '/^Package: / { name = $2 } /^Auto-Installed: 1/ { print name }' /var/lib/apt/extended_states 2>/dev/null || :`,
    ),
  ),
  install(names) {
    const install = sh`${aptGet} install --no-install-recommends --no-remove -- ${names}`;
    return lines(
      trusted('export DEBIAN_FRONTEND=noninteractive'),
      trusted('# The package lists may be missing, or older than what the mirror has.'),
      sh`${install} || { apt-get update; ${install}; }`,
    );
  },
  cameWith: (names, newcomers) =>
    Object.keys(newcomers).filter(
      (name) => newcomers[name]?.mark === 'auto' || names.includes(name),
    ),
  remove: ({ names, keepConfiguration }) =>
    lines(
      trusted('export DEBIAN_FRONTEND=noninteractive'),
      sh`apt-mark auto -- ${names}`,
      // What somebody else needs by now is no orphan, and stays.
      trusted(
        `orphans=$(apt-get -s -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false autoremove | sed -n 's/^Remv \\([^ :]*\\).*/\\1/p')`,
      ),
      trusted(`leave() {
  verb=$1; shift
  for name; do
    shift
    if printf '%s\\n' "$orphans" | grep -qxF -e "$name"; then set -- "$@" "$name"; else echo "$name stays: others need it"; fi
  done
  [ "$#" -eq 0 ] || ${aptGet.text} "$verb" -- "$@"
}`),
      leave('remove', keepConfiguration),
      leave(
        'purge',
        names.filter((name) => !keepConfiguration.includes(name)),
      ),
    ),
};

/** The commands of each package manager. */
export const packageCommands: Readonly<Record<PackageManager, PackageCommands>> = { yum, apt };

/** A signing key that yum imported; rpm lists it among the packages. */
function isKey(name: string): boolean {
  return name.startsWith('gpg-pubkey-');
}

function leave(verb: 'purge' | 'remove', names: readonly string[]): Script | undefined {
  return names.length === 0 ? undefined : sh`leave ${verb} ${names}`;
}
