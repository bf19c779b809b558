import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { indentedSection, section } from '../sections.ts';
import { isBrokenOff } from './installed-packages.ts';
import { type PackageManager, type Removal } from './package-manager.ts';

const OPTIONS = [
  ...['Acquire::http::Timeout=15', 'Acquire::https::Timeout=15', 'Acquire::Retries=1'],
  'DPkg::Lock::Timeout=60',
  ...['Dpkg::Options::=--force-confdef', 'Dpkg::Options::=--force-confold'],
];

const aptGet = sh`apt-get -y ${OPTIONS.flatMap((option) => ['-o', option])}`;

/** apt marks what it installed for the sake of others. */
export const apt: PackageManager = {
  name: 'apt',
  list: lines(
    indentedSection(
      'packages',
      sh`dpkg-query -W -f ' \${Package}\t\${Version}\t\${db:Status-Status}\n'`,
    ),
    // `apt-mark showauto` would write apt's cache.
    section(
      'auto',
      sh`
        awk '
          /^Package: / { name = $2 }
          /^Auto-Installed: 1/ { print name }
        ' /var/lib/apt/extended_states 2>/dev/null
      `,
      { mayFail: true },
    ),
  ),
  install(names) {
    const install = sh`${aptGet} install --no-install-recommends --no-remove -- ${names}`;
    return sh`
      export DEBIAN_FRONTEND=noninteractive
      # The package lists may be missing, or older than what the mirror has.
      ${install} || {
        ${aptGet} update
        ${install}
      }
    `;
  },
  cameWith(names, newcomers) {
    const isCutShort = names.some((name) => isBrokenOff(newcomers, name));
    // Of what it was about to configure, apt may not have noted yet why it came.
    return Object.keys(newcomers).filter(
      (name) =>
        newcomers[name]?.mark.endsWith('auto') === true ||
        (isCutShort && isBrokenOff(newcomers, name)) ||
        names.includes(name),
    );
  },
  // dpkg refuses one by one what others need, and what those need that it refused.
  askOthers: (names) =>
    section(
      'stays',
      sh`
        LC_ALL=C dpkg --abort-after=99999 --simulate --remove -- ${names} 2>&1 | awk '
          /^dpkg: dependency problems prevent/ { asked = 1; by = ""; next }
          asked && by == "" { by = $1 }
          /^dpkg: error processing package / {
            name = $5
            sub(/:.*/, "", name)
            print name "\t" by
            asked = 0
            by = ""
          }
        '
      `,
    ),
  repair: sh`
    export DEBIAN_FRONTEND=noninteractive
    # Only because an earlier run of lvslab was interrupted here.
    dpkg --force-confdef --force-confold --configure -a || :
    ${aptGet} --no-remove --fix-broken install
  `,
  discard: (removal) =>
    lines(
      sh`export DEBIAN_FRONTEND=noninteractive`,
      byVerb(removal, (verb, some) => sh`dpkg --force-remove-reinstreq ${`--${verb}`} -- ${some}`),
    ),
  remove(removal) {
    const { names } = removal;
    const ours = names.flatMap((name) => ['-e', name]);
    return sh`
      export DEBIAN_FRONTEND=noninteractive
      ## Somebody may have installed something that needs them since the plan was made; apt would remove that too.
      others=$(apt-get -s remove -- ${names} |
        sed -n 's/^Remv \([^ :]*\).*/\1/p' | grep -vxF ${ours} || :)
      [ -z "$others" ] || { echo "others need them by now:" $others >&2; exit 1; }
      ${byVerb(removal, (verb, some) => sh`${aptGet} ${verb} -- ${some}`)}
    `;
  },
};

/** Those whose configuration stays are removed, the others purged. */
function byVerb(
  { names, keepConfiguration }: Removal,
  take: (verb: 'remove' | 'purge', some: readonly string[]) => Script,
): Script {
  const purged = names.filter((name) => !keepConfiguration.includes(name));
  return lines(
    keepConfiguration.length === 0 ? undefined : take('remove', keepConfiguration),
    purged.length === 0 ? undefined : take('purge', purged),
  );
}
