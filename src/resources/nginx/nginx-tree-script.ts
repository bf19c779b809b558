import { type Script, sh } from '../../engine/model/shell/script.ts';
import { type NginxBuildPlan, stampFile, stampOf, type TreePlaces } from './nginx-build-plan.ts';

/** Beside the prefix, so that a rename brings it there. */
export function sideFolder(prefix: string): string {
  return `${prefix}.lvslab-new`;
}

/**
 * Shell functions: `lvslab_kind BINARY` prints all that a build depends on and that two hosts may differ in;
 * `lvslab_take_tree` puts the tree of another host in the place of the prefix, all of it or nothing, and fails where there is
 * none, it isn't whole, or this host is another kind; `lvslab_pack_tree` leaves the tree for the others, after a build and in its
 * folder, and never fails.
 */
export function treeFunctions(plan: NginxBuildPlan, { archive, sum, made }: TreePlaces): Script {
  const { prefix } = plan;
  const side = sideFolder(prefix);
  return sh`
    ${kindFunction}
    lvslab_take_tree() {
      if [ ! -f ${archive} ] || [ ! -f ${sum} ] || [ -e ${prefix} ]; then return 1; fi
      read -r lvslab_sum lvslab_from <${sum} || return 1
      printf '%s  %s\n' "$lvslab_sum" ${archive} | sha256sum -c - || return 1
      mkdir -p -- ${side} || return 1
      tar -xzf ${archive} -C ${side} --no-same-owner || return 1
      cd ${side} || return 1
      ## Of the host that it was built on, and of this one.
      lvslab_kind ./tree/sbin/nginx >kind.here || return 1
      if [ "$(cat kind)" != "$(cat kind.here)" ]; then
        echo "$lvslab_from is another kind of host, so its nginx is not taken:"
        diff kind kind.here || :
        return 1
      fi
      (cd tree && sha256sum -c ../hashes) || return 1
      [ "$(grep -v '^# ' ${stampFile('tree')})" = ${stampOf(plan)} ] || return 1
      [ "$(tree/sbin/nginx -V 2>&1)" = "$(cat version)" ] || return 1
      ## All of it is on the disk before it has its name.
      sync
      mv -- tree ${prefix} || return 1
      sync
      echo "nginx: taken from $lvslab_from's build"
    }
    lvslab_pack_tree() {
      if ! {
        mkdir pack &&
        cp -a -- ${prefix} pack/tree &&
        lvslab_kind pack/tree/sbin/nginx >pack/kind &&
        pack/tree/sbin/nginx -V >pack/version 2>&1 &&
        (cd pack/tree && find . -type f ! -name .lvslab-build -exec sha256sum {} +) >pack/hashes &&
        chmod -R u=rwX,go=rX pack &&
        tar -czf ${`${made}.part`} -C pack . &&
        mv -f -- ${`${made}.part`} ${made}
      }; then
        rm -f -- ${`${made}.part`}
        echo 'nginx could not be packed for the other hosts'
      fi
    }
  `;
}

/** Release, kernel, compiler, headers, and the libraries that the binary is linked to, byte for byte. */
const kindFunction = sh`
  lvslab_kind() {
    cat /etc/os-release
    uname -rm
    cc --version 2>/dev/null || :
    for file in /usr/include/pcre.h /usr/include/pcre2.h /usr/include/zlib.h \
      /usr/include/openssl/opensslv.h $(ldd "$1" 2>/dev/null | sed -n 's|^[^/]*\(/[^ ]*\) (.*|\1|p'); do
      if [ -e "$file" ]; then sha256sum "$file"; fi
    done
  }
`;

/** Prints what was left for the other hosts, and takes it away. */
export function printTree({ made }: TreePlaces): Script {
  return sh`
    if [ -f ${made} ]; then base64 <${made}; fi
    rm -f -- ${made}
    rmdir -- ${made.slice(0, made.lastIndexOf('/'))} 2>/dev/null || :
  `;
}
