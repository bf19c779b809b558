import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { indentedSection, section } from '../sections.ts';
import { type PackageManager } from './package-manager.ts';

/**
 * What yum and dnf have in common, which is rpm's: it marks each package with the transaction that installed it, and
 * later ones are somebody else's.
 */
export const rpmPackages: Pick<PackageManager, 'list' | 'cameWith' | 'askOthers'> = {
  list: indentedSection(
    'packages',
    sh`rpm -qa --qf ' %{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\t%{INSTALLTID}\n'`,
  ),
  cameWith(names, newcomers) {
    const last = Math.max(...names.map((name) => Number(newcomers[name]?.mark)));
    return Object.keys(newcomers).filter((name) => Number(newcomers[name]?.mark) <= last);
  },
  askOthers(names) {
    const packages = names.filter((name) => !isKey(name));
    return section('stays', lines(sh`set -- ${packages}`, rpmRefusals));
  },
};

/** A signing key that yum or dnf imported; rpm lists it among the packages. */
function isKey(name: string): boolean {
  return name.startsWith('gpg-pubkey-');
}

/** Takes packages and signing keys away, and nothing that was not named: what needs one of them by now is an error. */
export function removeRpms(program: 'yum' | 'dnf', names: readonly string[]): Script {
  const keys = names.filter(isKey);
  const packages = names.filter((name) => !isKey(name));
  return lines(
    packages.length === 0 ? undefined : removePackages(program, packages),
    keys.length === 0 ? undefined : sh`rpm -e -- ${keys}`,
  );
}

/** Refuses, and says why, when something else needs one of them; the program would remove that too. */
function removePackages(program: 'yum' | 'dnf', packages: readonly string[]): Script {
  return sh`
    rpm -e --test -- ${packages}
    ${program} -y --disablerepo='*' --setopt=clean_requirements_on_remove=0 remove -- ${packages}
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
