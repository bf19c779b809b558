import { ROLL_BACK, unitNameOf } from './names-on-host.ts';
import { type Script, sh } from '../model/shell/script.ts';

/** What goes off on the host when nobody confirms a change, and where it notes what that was. */
interface Timer {
  /** The change, in letters, digits and dashes. */
  readonly id: string;
  readonly seconds: number;
  /** The script that rolls the change back when it is called with `ROLL_BACK`. */
  readonly endScript: string;
}

/** What a host without systemd and atd runs: its words are the seconds and the script. */
const timerProcess = sh`sleep "$1"; exec /bin/sh "$2" ${ROLL_BACK}`;

/**
 * Shell that has the host roll the change back in so many seconds, by the surest means that it has, and notes in the
 * file `timer` of the current folder which that is. Fails where there is none.
 */
export function armTimer({ id, seconds, endScript }: Timer): Script {
  const unit = unitNameOf(id);
  // It counts whole minutes, and the first of them may be about to end.
  const minutes = Math.ceil(seconds / 60) + 1;
  return sh`
    if systemd-run --unit=${unit} --on-active=${`${seconds}s`} --timer-property=AccuracySec=1s \
        /bin/sh ${endScript} ${ROLL_BACK} >/dev/null 2>&1 &&
      systemctl is-active --quiet ${`${unit}.timer`}; then
      echo systemd >timer
    elif kill -0 "$(cat /run/atd.pid 2>/dev/null || echo none)" 2>/dev/null &&
      job=$(echo ${sh`/bin/sh ${endScript} ${ROLL_BACK}`.text} | at -M now + ${minutes} minutes 2>&1 |
        sed -n 's/^job \([0-9]*\) at .*/\1/p') &&
      [ -n "$job" ]; then
      echo "at $job" >timer
    else
      setsid sh -c ${timerProcess.text} sh ${seconds} ${endScript} </dev/null >/dev/null 2>&1 3>&- &
      echo "process $!" >timer
      kill -0 "$!" || {
        echo 'no timer could be set that rolls the change back if it cuts the host off' >&2
        exit 1
      }
    fi
  `;
}

/** Shell that calls off what the file `timer` of the current folder names; the timer itself may run it. */
export function disarmTimer({ id, endScript }: Omit<Timer, 'seconds'>): Script {
  const unit = unitNameOf(id);
  return sh`
    read -r way job <timer || way=none
    case $way in
      systemd) timeout 30 systemctl stop ${`${unit}.timer`} >/dev/null 2>&1 || : ;;
      at) atrm "$job" 2>/dev/null || : ;;
      process)
        ## Its process group is the sleep's, too. By its words it is told from a later process of the same number.
        if [ "$job" != "$$" ] &&
          tr '\0' ' ' <"/proc/$job/cmdline" 2>/dev/null | grep -qF ${endScript}; then
          kill -- "-$job" 2>/dev/null || :
        fi
        ;;
    esac
  `;
}
