/**
 * Shell that prints whatever a run may not leave on a host: processes, locks, timers, run folders, temporary files. The
 * journal stays, and what the run was for: a unit for a tunnel among it, which the comparison of states judges; and a note that
 * leads to no file any more.
 */
export const printLeftovers = `for process in /proc/[0-9]*; do
  case $(readlink "$process/cwd") in /run/lvslab*|/usr/local/src/lvslab*) echo "process $(tr '\\0' ' ' <"$process/cmdline")" ;; esac
done
find /run/lvslab /usr/local/src/lvslab /var/lib/lvslab -mindepth 1 ! -path /var/lib/lvslab/journal ! \\( -name unfinished -xtype l \\) 2>/dev/null
find /tmp /var/tmp -maxdepth 1 -name '*lvslab*'
find /etc /usr/local /var/lib -xdev \\( -name '.*.lvslab' -o -name '.lvslab.*' -o -name '*.lvslab-build.new' \\)
systemctl list-units --all --plain --no-legend --no-pager 'lvslab*' 'run-*.service' 'run-*.timer' | grep -v '^lvslab-tunnel-' | sed 's/^/unit /'
find /etc /run /usr/lib -path '*systemd/system/*lvslab*' -not -path '/run/systemd/generator*' -not -name 'lvslab-tunnel-*'
true`;
