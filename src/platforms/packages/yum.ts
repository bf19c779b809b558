import { lines, type Script, sh } from '../../engine/model/script.ts';
import { section } from '../sections.ts';
import { type PackageManager } from './package-manager.ts';

/** rpm marks each package with the transaction that installed it: later ones are somebody else's. */
export const yum: PackageManager = {
  name: 'yum',
  list: section(
    'packages',
    sh`rpm -qa --qf '%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\t%{INSTALLTID}\n'`,
  ),
  install: (names) => sh`
    ## A source that says nothing is not waited for as long as yum would: ten times half a minute for each file.
    yum -y --setopt=timeout=15 --setopt=retries=2 --disablerepo='*' --enablerepo='lvslab-*' \
      install -- ${names}
    ## yum is content when it finds only some of them.
    rpm -q -- ${names}
  `,
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
      packages.length === 0 ? undefined : removePackages(packages),
      keys.length === 0 ? undefined : sh`rpm -e -- ${keys}`,
    );
  },
};

/** A signing key that yum imported; rpm lists it among the packages. */
function isKey(name: string): boolean {
  return name.startsWith('gpg-pubkey-');
}

/** Refuses, and says why, when something else needs one of them by now; yum would remove that too. */
function removePackages(packages: readonly string[]): Script {
  return sh`
    rpm -e --test -- ${packages}
    yum -y --disablerepo='*' --setopt=clean_requirements_on_remove=0 remove -- ${packages}
  `;
}

/** Passes over what rpm would not remove, and what that needs, until it would remove the rest. */
const rpmRefusals = sh`
  while [ "$#" -gt 0 ] && ! problems=$(LC_ALL=C rpm -e --test -- "$@" 2>&1); do
    needed=$(printf '%s\n' "$problems" |
      sed -n 's/^[[:space:]]*\([^ ]*\) .*is needed by (installed) \(.*\)$/\1 \2/p' |
      while read -r capability by; do
        rpm -q --qf '%{NAME}\n' --whatprovides -- "$capability" |
          while read -r provider; do printf '%s %s\n' "$provider" "$by"; done
      done)
    count=$#
    for name; do
      shift
      by=$(printf '%s\n' "$needed" | awk -v name="$name" '$1 == name { print $2; exit }')
      if [ -n "$by" ]; then printf '%s\t%s\n' "$name" "$by"; else set -- "$@" "$name"; fi
    done
    [ "$#" -lt "$count" ] || { printf '%s\n' "$problems" >&2; exit 1; }
  done
`;
