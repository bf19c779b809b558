import { inFront, lines, type Script, sh, trusted } from '../../engine/model/shell/script.ts';
import { shellFunction } from '../../engine/model/shell/shared-shell.ts';
import { newline, sayFunction, section } from '../sections.ts';
import { STARTERS } from './listeners.ts';
import { login } from './login-script.ts';

/** Prints the control group of $process, which systemd names after its unit. */
export const printControlGroup = sh`
  lvslab_group=
  [ ! -r "/proc/$process/cgroup" ] || while IFS=: read -r lvslab_number lvslab_controllers lvslab_path; do
    case $lvslab_number:$lvslab_controllers in 0: | *:name=systemd) lvslab_group=$lvslab_path ;; esac
  done <"/proc/$process/cgroup"
  [ -z "$lvslab_group" ] || printf '%s\n' "$lvslab_group"
`;

const starters = trusted(
  STARTERS.flatMap((name) => [`*/${name}.service' '*`, `*/${name}@*.service' '*`]).join(' | '),
);

const printProcesses = sh`
  listening=$(ss -ltnpe 2>/dev/null) || listening=''
  printf '%s\n' "$listening"
  for process in $(printf '%s\n' "$listening" |
    grep -o 'pid=[0-9]*' | cut -d = -f 2 | sort -un | head -n 200); do
    {
    ${printControlGroup}
    } 2>/dev/null >/dev/null || :
    printf 'pid %s %s\n' "$process" "$lvslab_group"
  done
`;

/**
 * Shell function `lvslab_are_services PORT`: whether each socket of this TCP port that is listened at, or of any port where it is
 * 'any', was opened by a service of systemd's. The kernel keeps the control group that a socket was opened in, and newer versions of ss tell it,
 * without looking through the files of all processes. In the group of a service that people start programs from, only the SSH
 * server of this connection is known for certain.
 */
export const areServicesFunction: Script = lines(
  newline,
  login,
  inFront('what listens', {
    kind: 'reading',
    wanted: new Set(),
    make: () => sh`lvslab_listening=$(ss -ltne 2>/dev/null) || lvslab_listening=`,
  }),
  shellFunction(
    'lvslab_are_services',
    sh`
      lvslab_are_services() {
        lvslab_left=$lvslab_listening$lvslab_newline
        while [ -n "$lvslab_left" ]; do
          lvslab_line="\${lvslab_left%%"$lvslab_newline"*} "
          lvslab_left=\${lvslab_left#*"$lvslab_newline"}
          case $lvslab_line in LISTEN*) ;; *) continue ;; esac
          case $1:$lvslab_line in any:* | *":$1 "*) ;; *) continue ;; esac
          case $lvslab_line in
          *' cgroup:/system.slice/'*.service' '*)
            case \${lvslab_line#*' cgroup:'} in ${starters})
              case $lvslab_line in *":\${lvslab_login##* } "*) ;; *) return 1 ;; esac
              ;;
            esac
            ;;
          *) return 1 ;;
          esac
        done
      }
    `,
  ),
);

/** Says what `ss` says of the TCP ports that are listened at, and the control group of each process that it tells of. */
export const sayListeners = sh`
  ${areServicesFunction}
  ${sayFunction}
  if lvslab_are_services any; then
    lvslab_say listeners "$lvslab_listening"
  else
    ${section('listeners', printProcesses)}
  fi
`;
