import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { areServicesFunction, printControlGroup } from '../../platforms/facts/listeners-script.ts';
import { section } from '../../platforms/sections.ts';
import { stampFile } from './nginx-build-plan.ts';

/** What starting an nginx by hand takes. */
interface Start {
  readonly binary: string;
  readonly arguments: readonly string[];
  readonly user: string;
  readonly directory: string;
}

/** A line that runs nginx as a command; what asks a service manager for it is no other nginx than that one's. */
const RUNS_NGINX = '(^|[[:space:];&|(])(/[^[:space:]]*/)?nginx([[:space:];&|)]|$)';
const COMMENT_OR_SERVICE = '^[^:]*:[0-9]*:([[:space:]]*#|.*(systemctl|service|rc-service) )';

/** Prints which nginx listens at the port, if one does that is not known for certain to be a service, and in which control group it is. */
export function observeHandStarted(port: number): Script {
  return sh`
    ${areServicesFunction}
    process=''
    if ! lvslab_are_services ${port}; then
    ${findNginx(port)}
    fi
    if [ -n "$process" ]; then
    ${section('group', printControlGroup)}
    ## What the service manager runs is that one's, and nothing more need be known of it.
    case $lvslab_out in /system.slice/nginx.service) ;; *)
    ${section('binary', sh`readlink "/proc/$process/exe"`, { mayFail: true })}
    ${section('title', sh`tr '\0\n' '\037 ' <"/proc/$process/cmdline"`, { mayFail: true })}
    ${section('user', sh`stat -c %U "/proc/$process"`, { mayFail: true })}
    ${section('directory', sh`readlink "/proc/$process/cwd"`, { mayFail: true })}
    ${section('own', saysOwn)}
    ${section('boot', startsAtBoot)}
    ;;
    esac
    fi
  `;
}

/** Sets $process to the first process of the nginx that listens at the port, as this host's own processes do; '' without one. */
function findNginx(port: number): Script {
  return sh`
    process=''
    held=$(ss -ltnp ${`sport = :${port}`} 2>/dev/null |
      grep -o 'pid=[0-9]*' | cut -d = -f 2 | sort -un | tr '\n' ' ') || held=''
    for one in $held; do
      parent=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$one/status" 2>/dev/null) || continue
      case " $held" in *" $parent "*) continue ;; esac
      case $(readlink "/proc/$one/exe") in */nginx | */nginx' (deleted)') ;; *) continue ;; esac
      ## One in a container is started by what runs that.
      [ "$(readlink "/proc/$one/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ] || continue
      process=$one
      break
    done
  `;
}

const saysOwn = sh`
  binary=$(readlink "/proc/$process/exe") || :
  if [ -e "\${binary%/sbin/nginx*}"/${stampFile('.')} ]; then echo yes; fi
`;

/** Lines that start an nginx at boot past nginx.service: 'FILE:LINE:TEXT'. */
const startsAtBoot = sh`
  binary=$(readlink "/proc/$process/exe") || :
  binary=\${binary% (deleted)}
  {
    for file in /etc/rc.local /etc/rc.d/rc.local; do
      [ ! -x "$file" ] || grep -HnE ${RUNS_NGINX} "$(readlink -f "$file")" || :
    done
    for file in /etc/crontab /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/*; do
      [ ! -f "$file" ] || grep -HnE '^[[:space:]]*@reboot' "$file" | grep -E ${RUNS_NGINX} || :
    done
    grep -lFs -d skip -e "$binary" -- /etc/systemd/system/*.service /usr/lib/systemd/system/*.service /etc/init.d/* |
      while IFS= read -r file; do
      name=\${file##*/}
      case $name in nginx | nginx.service) continue ;; esac
      [ -f "$file" ] || continue
      systemctl is-enabled --quiet "$name" </dev/null 2>/dev/null || continue
      grep -HnF -m 1 -e "$binary" "$file"
    done
  } 2>/dev/null | grep -vE ${COMMENT_OR_SERVICE} | sort -u | cut -c 1-500 | head -n 20
`;

/** Has it end as it should, and makes it where it does not. */
export function stopHandStarted(port: number): Script {
  return sh`
    ${findNginx(port)}
    if [ -n "$process" ]; then
      kill -QUIT "$process" || :
      tries=0
      while ss -ltnp ${`sport = :${port}`} | grep -q "pid=$process,"; do
        tries=$((tries + 1))
        [ "$tries" != 100 ] || kill -TERM "$process" || :
        [ "$tries" -lt 300 ] || { echo "nginx, process $process, goes on listening" >&2; exit 1; }
        sleep 0.1
      done
    fi
  `;
}

/** Starts it past every service manager, in the background whatever its configuration says, and waits until it listens. */
export function startAgain(port: number, { binary, directory, user, ...start }: Start): Script {
  const command = [
    ...(user === 'root' ? [] : ['runuser', '-u', user, '--']),
    ...[binary, ...start.arguments],
  ];
  return sh`
    cd -- ${directory} 2>/dev/null || cd /
    [ -x ${binary} ] || { echo ${`${binary} is not there any more`} >&2; exit 1; }
    setsid ${command} </dev/null >/dev/null 2>&1 3>&- &
    tries=0
    until ss -ltnp ${`sport = :${port}`} | grep -q '"nginx",pid='; do
      tries=$((tries + 1))
      if [ "$tries" -ge 300 ]; then
        ${lines(sh`${command} -t || :`)}
        echo ${`nginx does not listen at port ${port}`} >&2
        exit 1
      fi
      sleep 0.1
    done
  `;
}
