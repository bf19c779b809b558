import { inFront, lines, type Script, sh } from '../engine/model/shell/script.ts';
import { shellFunction } from '../engine/model/shell/shared-shell.ts';
import { newline } from './sections.ts';

/** A path that stands in a list of words, and is found in it, as it is. */
const PLAIN_PATH = /^\/[\w@%+=:,./-]+$/;

/** Longer files are looked at one by one, in bytes. */
const MOST_BYTES = 262_144;

/** What tar tells of a file beside its content: user attributes, access lists, the SELinux context. */
export const tar: Script = sh`tar --format=posix --xattrs --xattrs-include='user.*' --acls --selinux`;

/** Has tar print files, each behind a header of its own for what is unusual about it. */
export const tarFiles: Script = sh`${tar} -b1 --mtime=@0 --pax-option=delete=atime,delete=ctime,delete=mtime -hPcf -`;

/** Shell function `lvslab_stat FILE`: sets $lvslab_stat to 'MTIME SIZE MODE UID USER GID GROUP', from $lvslab_stats where it is there. */
export const statFunction: Script = lines(
  newline,
  shellFunction(
    'lvslab_stat',
    sh`
      lvslab_stat() {
        lvslab_stat=$lvslab_newline\${lvslab_stats-}
        case $lvslab_stat in
        *"$lvslab_newline$1 "*)
          lvslab_stat=\${lvslab_stat#*"$lvslab_newline$1 "}
          lvslab_stat=\${lvslab_stat%%"$lvslab_newline"*}
          ;;
        *) lvslab_stat=$(stat -L -c '%Y %s %a %u %U %g %G' -- "$1") ;;
        esac
      }
    `,
  ),
);

/**
 * Shell function `lvslab_look_at FILE…`: sets $lvslab_stats to what stat says of them, and $lvslab_plain to those of which it
 * is certain that they have no extended attributes: tar has those in headers of whose names that word is a part.
 */
export const lookAtFunction: Script = lines(
  statFunction,
  shellFunction(
    'lvslab_look_at',
    sh`
      lvslab_look_at() {
        lvslab_plain=
        for lvslab_one; do
          shift
          ## A name with a line break in it would pass for two.
          case $lvslab_one in *[!A-Za-z0-9_@%+=:,./-]*) continue ;; esac
          [ ! -f "$lvslab_one" ] || set -- "$@" "$lvslab_one"
        done
        [ "$#" -gt 0 ] || return 0
        lvslab_stats=$(stat -L -c '%n %Y %s %a %u %U %g %G' -- "$@" 2>/dev/null) || :
        for lvslab_one; do
          shift
          lvslab_stat "$lvslab_one" 2>/dev/null || continue
          lvslab_size=\${lvslab_stat#* }
          [ "\${lvslab_size%% *}" -gt ${MOST_BYTES} ] || set -- "$@" "$lvslab_one"
        done
        [ "$#" -gt 0 ] || return 0
        lvslab_unusual=$(${tarFiles} -- "$@" 2>/dev/null | grep -ac PaxHeaders) || :
        [ "$lvslab_unusual" != 0 ] || lvslab_plain=" $* "
      }
    `,
  ),
);

/** Has a file looked at together with all others of which it is known beforehand that they will be read. */
export function lookedAt(path: string): Script {
  if (!PLAIN_PATH.test(path)) return lookAtFunction;
  return lines(
    lookAtFunction,
    inFront('files', {
      kind: 'reading',
      wanted: new Set([path]),
      make: (paths) => sh`
        lvslab_look_at ${paths}
      `,
    }),
  );
}
