import { sh } from '../model/shell/script.ts';

/** Shell functions that tell whether the process of a run, given by its folder, goes on: it stands in that folder. */
export const findJobProcess = sh`
  lvslab_job_alive() {
    [ -r "$1/pid" ] || return 1
    [ "$(readlink "/proc/$(cat "$1/pid")/cwd" || :)" = "$1" ]
  }
`;

/** Shell functions that tell a process apart from a later one of the same number, by the time that it was started at. */
export const findProcess = sh`
  lvslab_stat() {
    lvslab_line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    printf '%s' "\${lvslab_line##*) }"
  }
  lvslab_started() { lvslab_stat "$1" | cut -d ' ' -f 20; }
`;

/** The process that lives as long as the controller's connection: the first above us that is no shell and no sudo. */
export const findKeeper = sh`
  keeper=$$
  while :; do
    case $(cat "/proc/$keeper/comm") in
      sh|ash|bash|dash|ksh*|mksh|zsh|csh|tcsh|fish|busybox|sudo|su|doas|env|nohup|setsid|timeout) ;;
      *) break ;;
    esac
    keeper=$(lvslab_stat "$keeper" | cut -d ' ' -f 2)
    [ -n "$keeper" ] || exit 1
  done
`;
