import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { type ImageRecipe, offlineRepository } from './recipes/image-recipe.ts';

/** Units that only cost time, or disturb the console, on hosts that live for an hour. */
const idleUnits: readonly string[] = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'console-getty.service',
  'dpkg-db-backup.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'fstrim.timer',
  'getty@tty1.service',
  'serial-getty@ttyS0.service',
  'systemd-logind.service',
  'systemd-pstore.service',
  'systemd-update-utmp.service',
];

/** The shell texts that mmdebstrap runs once the packages are installed; "$1" is the root directory. */
export function customizeHooks(recipe: ImageRecipe, stagedFiles: string): readonly string[] {
  const hooks = [
    sh`cp -a --no-preserve=ownership ${stagedFiles}/. "$1"/`,
    offlineRepositoryHook(recipe.offline),
    maskUnits([...idleUnits, ...recipe.mask]),
    ...recipe.customize,
    identityHook,
  ];
  return hooks.map((hook) => lines(sh`set -eu`, hook).text);
}

function maskUnits(units: readonly string[]): Script {
  return sh`for unit in ${units}; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done`;
}

/** Downloads the packages with all that they need, indexes them, and makes the folder apt's only source. */
function offlineRepositoryHook(packages: readonly string[]): Script {
  return sh`
    repository=${offlineRepository}
    root=$1
    set -- ${packages}
    mkdir -p "$root$repository"
    ## With an empty archive folder, apt names all files that an installation needs, and only those.
    chroot "$root" apt-get -qq --print-uris -o Dir::Cache::archives=/var/empty install "$@" </dev/null |
      awk '{ print $2 }' > "$root/tmp/files"
    chroot "$root" apt-get -qq --yes --download-only install "$@" </dev/null
    while read -r file; do
      ## A version's colon comes as %3a in a file name, and apt's file: method would take it for an escape.
      cp "$root/var/cache/apt/archives/$file" "$root$repository/$(printf %s "$file" | sed s/%3a/_/)"
    done < "$root/tmp/files"
    rm "$root/tmp/files"
    cd "$root$repository"
    for file in *.deb; do
      chroot "$root" dpkg-deb --field "$repository/$file"
      printf 'Filename: ./%s\nSize: %s\n' "$file" "$(stat -c %s "$file")"
      printf 'SHA256: %s\n\n' "$(sha256sum < "$file" | cut -d ' ' -f 1)"
    done > Packages
    ## Named in a Release file, the index is found at once; else apt tries all compressed forms of it first.
    printf 'Date: %s\nSHA256:\n %s %s Packages\n' "$(LC_ALL=C date -Ru)" \
      "$(sha256sum < Packages | cut -d ' ' -f 1)" "$(stat -c %s Packages)" > Release
    rm -rf "$root"/etc/apt/sources.list.d/* "$root"/var/lib/apt/lists/*
    printf 'deb [trusted=yes] file:%s ./\n' "$repository" > "$root/etc/apt/sources.list"
    chroot "$root" apt-get -qq update </dev/null
  `;
}

/** What belongs to one machine must not be in the image that four hosts start from. */
const identityHook = sh`
  rm -f "$1"/etc/ssh/ssh_host_* "$1"/etc/resolv.conf "$1"/etc/hostname
  : > "$1"/etc/machine-id
`;
