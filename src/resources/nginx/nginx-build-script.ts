import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { type NginxBuildPlan, stampFile, stampOf } from './nginx-build-plan.ts';
import { sideFolder, treeFunctions } from './nginx-tree-script.ts';

/** Lets names that OpenSSL 3 has deprecated pass. */
export const OLD_NAMES_FLAG = '-Wno-deprecated-declarations';

const SOURCES = '/usr/local/src/lvslab';

/** Where a release is unpacked and compiled. */
function sourceFolder(version: string): string {
  return `${SOURCES}/nginx-${version}`;
}

/** What a build takes in /usr/local, in MiB: sources, objects and the installed tree, with room to spare. */
export const BUILD_MIB = 150;

/** What a build that ends takes away itself: it is there after one that was cut off, beside the prefix or without one. */
export function remainsOf({ version, prefix }: NginxBuildPlan): readonly string[] {
  return [sourceFolder(version), sideFolder(prefix)];
}

/** Takes away what a build that was cut off has left beside its prefix. */
export function clearRemains(plan: NginxBuildPlan): Script {
  return sh`
    rm -rf -- ${remainsOf(plan)}
    rmdir -- ${SOURCES} 2>/dev/null || :
  `;
}

/**
 * Unpacks, configures, compiles and installs, or takes the tree of a host that is alike; reports how far the compiler is;
 * leaves neither sources nor tarball.
 */
export function buildScript(plan: NginxBuildPlan): Script {
  const { version, upload, prefix, tree } = plan;
  const folder = sourceFolder(version);
  const uploads = upload.slice(0, upload.lastIndexOf('/'));
  const received = tree === undefined ? [] : [tree.archive, tree.sum, tree.wanted];
  const side = sideFolder(prefix);
  const cleanUp = sh`
    cd /
    rm -rf -- ${folder} ${[upload, ...received, side]}
    rmdir -- ${SOURCES} ${uploads} 2>/dev/null || :
  `;
  if (tree === undefined) {
    return sh`
      trap ${cleanUp.text} EXIT
      ${compile(plan, folder)}
    `;
  }
  return sh`
    trap ${cleanUp.text} EXIT
    rm -rf -- ${side} ${tree.made}
    ${treeFunctions(plan, tree)}
    if ! lvslab_take_tree; then
      rm -rf -- ${side}
      ## What others have put there is not for other hosts.
      fresh=yes
      if [ -e ${prefix} ]; then fresh=no; fi
      ${compile(plan, folder)}
      if [ "$fresh" = yes ] && [ -f ${tree.wanted} ]; then lvslab_pack_tree; fi
    fi
  `;
}

function compile(plan: NginxBuildPlan, folder: string): Script {
  const { sha256, prefix, upload, configureArguments } = plan;
  const stamp = stampFile(prefix);
  const tooSmall = `No space left on device: building nginx needs ${BUILD_MIB} MiB in ${SOURCES}, there are`;
  return sh`
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
