import { lines, type Script, sh, trusted } from '../../engine/model/script.ts';
import { type PackageManager } from '../../platforms/platform.ts';
import { section } from '../../platforms/sections.ts';
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
  /** Read-only shell that prints the section 'stays': those of these names that others need, each with one that does. */
  readonly askOthers: (names: readonly string[]) => Script;
  /** Finishes what an interruption of ours has left half done, so that the package manager works again. */
  readonly repair?: Script;
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
      // A source that says nothing is not waited for as long as yum would: ten times half a minute for each file.
      sh`yum -y --setopt=timeout=15 --setopt=retries=2 --disablerepo='*' --enablerepo='lvslab-*' install -- ${names}`,
      // yum is content when it finds only some of them.
      sh`rpm -q -- ${names}`,
    ),
  cameWith(names, newcomers) {
    const last = Math.max(...names.map((name) => Number(newcomers[name]?.mark)));
    return Object.keys(newcomers).filter((name) => Number(newcomers[name]?.mark) <= last);
  },
  askOthers(names) {
    const packages = names.filter((name) => !isKey(name));
    return section('stays', lines(sh`set -- ${packages}`, rpmRefusals));
  },
  remove({ names }) {
    const keys = names.filter(isKey);
    const packages = names.filter((name) => !isKey(name));
    return lines(
      // Refuses, and says why, when something else needs one of them by now; yum would remove that too.
      packages.length === 0
        ? undefined
        : sh`rpm -e --test -- ${packages}
yum -y --disablerepo='*' --setopt=clean_requirements_on_remove=0 remove -- ${packages}`,
      keys.length === 0 ? undefined : sh`rpm -e -- ${keys}`,
    );
  },
};

const aptGet = trusted(
  'apt-get -y -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15 -o Acquire::Retries=1 -o DPkg::Lock::Timeout=60 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold',
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
      sh`${install} || { ${aptGet} update; ${install}; }`,
    );
  },
  cameWith: (names, newcomers) =>
    Object.keys(newcomers).filter(
      (name) => newcomers[name]?.mark === 'auto' || names.includes(name),
    ),
  // dpkg refuses one by one what others need, and what those need that it refused.
  askOthers: (names) =>
    section(
      'stays',
      sh`LC_ALL=C dpkg --abort-after=99999 --simulate --remove -- ${names} 2>&1 | awk '
/^dpkg: dependency problems prevent/ { asked = 1; by = ""; next }
asked && by == "" { by = $1 }
/^dpkg: error processing package / { name = $5; sub(/:.*/, "", name); print name "\\t" by; asked = 0; by = "" }'`,
    ),
  repair: lines(
    trusted('export DEBIAN_FRONTEND=noninteractive'),
    trusted('# Only because an earlier run of lvslab was interrupted here.'),
    trusted('dpkg --force-confdef --force-confold --configure -a || :'),
    sh`${aptGet} --no-remove --fix-broken install`,
  ),
  remove({ names, keepConfiguration }) {
    const purged = names.filter((name) => !keepConfiguration.includes(name));
    const ours = names.flatMap((name) => ['-e', name]);
    return lines(
      trusted('export DEBIAN_FRONTEND=noninteractive'),
      // Somebody may have installed something that needs them since the plan was made; apt would remove that too.
      sh`others=$(apt-get -s remove -- ${names} | sed -n 's/^Remv \\([^ :]*\\).*/\\1/p' | grep -vxF ${ours} || :)`,
      trusted('[ -z "$others" ] || { echo "others need them by now:" $others >&2; exit 1; }'),
      keepConfiguration.length === 0 ? undefined : sh`${aptGet} remove -- ${keepConfiguration}`,
      purged.length === 0 ? undefined : sh`${aptGet} purge -- ${purged}`,
    );
  },
};

/** The commands of each package manager. */
export const packageCommands: Readonly<Record<PackageManager, PackageCommands>> = { yum, apt };

/** A signing key that yum imported; rpm lists it among the packages. */
function isKey(name: string): boolean {
  return name.startsWith('gpg-pubkey-');
}

/** Passes over what rpm would not remove, and what that needs, until it would remove the rest. */
const rpmRefusals =
  trusted(`while [ "$#" -gt 0 ] && ! problems=$(LC_ALL=C rpm -e --test -- "$@" 2>&1); do
  needed=$(printf '%s\\n' "$problems" | sed -n 's/^[[:space:]]*\\([^ ]*\\) .*is needed by (installed) \\(.*\\)$/\\1 \\2/p' | while read -r capability by; do
    rpm -q --qf '%{NAME}\\n' --whatprovides -- "$capability" | while read -r provider; do printf '%s %s\\n' "$provider" "$by"; done
  done)
  count=$#
  for name; do
    shift
    by=$(printf '%s\\n' "$needed" | awk -v name="$name" '$1 == name { print $2; exit }')
    if [ -n "$by" ]; then printf '%s\\t%s\\n' "$name" "$by"; else set -- "$@" "$name"; fi
  done
  [ "$#" -lt "$count" ] || { printf '%s\\n' "$problems" >&2; exit 1; }
done`);
