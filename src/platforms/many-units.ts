import { inFront, lines, type Script, sh } from '../engine/model/shell/script.ts';
import { shellFunction } from '../engine/model/shell/shared-shell.ts';
import { newline } from './sections.ts';

/** What is asked of each unit. */
const PROPERTIES = [
  ...['LoadState', 'ActiveState', 'NeedDaemonReload', 'MainPID', 'WantedBy', 'RequiredBy'],
  ...['FragmentPath', 'SourcePath', 'DropInPaths'],
].flatMap((name) => ['-p', name]);

/**
 * Shell functions about units that were asked for together, as long as systemd has answered for each of them, else for one
 * alone: `lvslab_unit UNIT` sets $lvslab_unit to the unit's properties; `lvslab_property NAME` sets $lvslab_property to the one
 * of that name in there; `lvslab_enabled UNIT` sets $lvslab_enabled to what `systemctl is-enabled` says.
 */
const unitFunctions: Script = lines(
  newline,
  shellFunction(
    'lvslab_unit',
    sh`
      ## Sets $lvslab_answer to the part of $2 that is for $1, of answers parted by $3 and in the order of the words behind that.
      lvslab_answer() {
        lvslab_about=$1 lvslab_answer=$2 lvslab_between=$3
        shift 3
        lvslab_one=
        for lvslab_one; do
          [ "$lvslab_one" != "$lvslab_about" ] || break
          lvslab_answer=\${lvslab_answer#*"$lvslab_between"}
        done
        [ "$lvslab_one" = "$lvslab_about" ] || return 1
        lvslab_answer=\${lvslab_answer%%"$lvslab_between"*}
      }
      ## Whether $1 has as many parts, parted by $2, as there are words behind that.
      lvslab_is_whole() {
        lvslab_left=$1 lvslab_between=$2
        shift 2
        while [ "$#" -gt 1 ]; do
          case $lvslab_left in *"$lvslab_between"*) ;; *) return 1 ;; esac
          lvslab_left=\${lvslab_left#*"$lvslab_between"}
          shift
        done
        case $lvslab_left in '' | *"$lvslab_between"*) return 1 ;; esac
      }
      lvslab_unit() {
        if lvslab_answer "$1" "\${lvslab_shown-}" "$lvslab_newline$lvslab_newline" \${lvslab_shown_units-}; then
          lvslab_unit=$lvslab_answer
        else
          lvslab_unit=$(systemctl show ${PROPERTIES} -- "$1")
        fi
      }
      lvslab_property() {
        lvslab_property=$lvslab_newline$lvslab_unit
        case $lvslab_property in
        *"$lvslab_newline$1="*)
          lvslab_property=\${lvslab_property#*"$lvslab_newline$1="}
          lvslab_property=\${lvslab_property%%"$lvslab_newline"*}
          ;;
        *) lvslab_property= ;;
        esac
      }
      lvslab_enabled() {
        if lvslab_answer "$1" "\${lvslab_told-}" "$lvslab_newline" \${lvslab_told_units-}; then
          lvslab_enabled=$lvslab_answer
        else
          lvslab_enabled=$(systemctl is-enabled -- "$1" 2>/dev/null) || :
        fi
      }
    `,
  ),
);

/** Has a unit asked for together with all others of which it is known beforehand; what systemd has cached is asked as such. */
export function askedUnit(unit: string): Script {
  return lines(
    unitFunctions,
    inFront('units', {
      kind: 'reading',
      wanted: new Set([unit]),
      make: (units) => sh`
        lvslab_shown=''
        lvslab_told=''
        lvslab_shown_units=''
        lvslab_told_units=''
        if [ -d /run/systemd/system ] && command -v systemctl >/dev/null; then
          lvslab_shown=$(systemctl show ${PROPERTIES} -- ${units} 2>/dev/null) || lvslab_shown=
          if lvslab_is_whole "$lvslab_shown" "$lvslab_newline$lvslab_newline" ${units}; then
            lvslab_shown_units=${units.join(' ')}
            ## It stops at the first unit that is not there, and tells of those with an init script before all others.
            set --
            for lvslab_about in ${units}; do
              lvslab_unit "$lvslab_about"
              lvslab_property LoadState
              [ "$lvslab_property" != not-found ] || continue
              lvslab_property SourcePath
              [ -n "$lvslab_property" ] || set -- "$@" "$lvslab_about"
            done
            if [ "$#" -gt 0 ]; then
              lvslab_told=$(systemctl is-enabled -- "$@" 2>/dev/null) || :
              if lvslab_is_whole "$lvslab_told" "$lvslab_newline" "$@"; then lvslab_told_units=$*; fi
            fi
          fi
        fi
      `,
    }),
  );
}
