import { lines, type Script, sh } from '../../engine/model/script.ts';

/** All that decides what a build gives. */
export interface NginxBuildPlan {
  readonly version: string;
  /** Lower-case hex of the tarball. */
  readonly sha256: string;
  readonly prefix: string;
  /** Where the tarball lies on the host. */
  readonly upload: string;
  readonly configureArguments: readonly string[];
  /** The sources use names that OpenSSL 3 has deprecated, which their own -Werror makes fatal. */
  readonly needsOldOpensslNames: boolean;
}

/** Lets names that OpenSSL 3 has deprecated pass. */
export const OLD_NAMES_FLAG = '-Wno-deprecated-declarations';

const SOURCES = '/usr/local/src/lvslab';

/** What a build takes in /usr/local, in MiB: sources, objects and the installed tree, with room to spare. */
export const BUILD_MIB = 150;

/** The file in the prefix that says what lvslab built there; empty while it is being installed. */
export function stampFile(prefix: string): string {
  return `${prefix}/.lvslab-build`;
}

/** What the stamp says of a build, apart from what only the host knows. */
export function stampOf({ version, sha256, configureArguments }: NginxBuildPlan): string {
  return [
    `version ${version}`,
    `sha256 ${sha256}`,
    ...configureArguments.map((argument) => `argument ${argument}`),
  ].join('\n');
}

/** Unpacks, configures, compiles and installs; reports how far the compiler is; leaves neither sources nor tarball. */
export function buildScript(plan: NginxBuildPlan): Script {
  const { version, sha256, prefix, upload, configureArguments } = plan;
  const folder = `${SOURCES}/nginx-${version}`;
  const uploads = upload.slice(0, upload.lastIndexOf('/'));
  const stamp = stampFile(prefix);
  const tooSmall = `No space left on device: building nginx needs ${BUILD_MIB} MiB in ${SOURCES}, there are`;
  const cleanUp = sh`
    cd /
    rm -rf -- ${folder} ${upload}
    rmdir -- ${SOURCES} ${uploads} 2>/dev/null || :
  `;
  return sh`
    trap ${cleanUp.text} EXIT
    printf '%s  %s\n' ${sha256} ${upload} | sha256sum -c -
    rm -rf -- ${folder}
    mkdir -p -- ${folder}
    cd ${folder}
    free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge ${BUILD_MIB} ] || { echo ${tooSmall} "$free" >&2; exit 1; }
    tar -xzf ${upload} --strip-components=1 --no-same-owner
    set -- ${configureArguments}
    ${plan.needsOldOpensslNames ? allowOldOpensslNames : lines()}
    ./configure "$@"
    ${make}
    mkdir -p -- ${prefix}
    : >${stamp}
    make install
    {
      printf '%s\n' ${stampOf(plan)}
      printf '# configured with %s\n' "$*"
      sha256sum <${`${prefix}/sbin/nginx`} | sed 's/^/# binary /; s/ *-$//'
    } >stamp
    # What the stamp vouches for must be on the disk before it.
    sync
    cp stamp ${`${stamp}.new`}
    sync ${`${stamp}.new`}
    mv -f -- ${`${stamp}.new`} ${stamp}
    sync
  `;
}

const allowOldOpensslNames = sh`
  major=$(sed -n 's/^# *define *OPENSSL_VERSION_MAJOR *\([0-9]*\).*/\1/p' \
    /usr/include/openssl/opensslv.h)
  if [ "\${major:-1}" -ge 3 ]; then set -- "$@" ${`--with-cc-opt=${OLD_NAMES_FLAG}`}; fi
`;

/** `make`, with one report for each object file; a pipe would hide how it ended, hence the file. */
const make = sh`
  total=$(make -n | grep -c -e '-o objs/.*[.]o') || :
  done=0
  { make -j"$(nproc)" 2>&1 || echo "$?" >make-failed; } | while IFS= read -r line; do
    printf '%s\n' "$line"
    case $line in
      *'-o objs/'*.o*) done=$((done + 1)); lvslab_progress "$done" "$total" ;;
    esac
  done
  if [ -e make-failed ]; then exit "$(cat make-failed)"; fi
`;
