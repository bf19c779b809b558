import { type SavedState } from './fault-host.ts';

/**
 * Shell that prints whatever a run may not leave on a host: processes, locks, timers, run folders, temporary files. The
 * journal stays, and what the run was for; and a note that leads to no file any more.
 */
export const printLeftovers = `for process in /proc/[0-9]*; do
  case $(readlink "$process/cwd") in /run/lvslab*|/usr/local/src/lvslab*) echo "process $(tr '\\0' ' ' <"$process/cmdline")" ;; esac
done
find /run/lvslab /usr/local/src/lvslab /var/lib/lvslab -mindepth 1 ! -path /var/lib/lvslab/journal ! \\( -name unfinished -xtype l \\) 2>/dev/null
find /tmp /var/tmp -maxdepth 1 -name '*lvslab*'
find /etc /usr/local /var/lib -xdev \\( -name '.*.lvslab' -o -name '.lvslab.*' -o -name '*.lvslab-build.new' \\)
systemctl list-units --all --plain --no-legend --no-pager 'lvslab*' 'run-*.service' 'run-*.timer' | sed 's/^/unit /'
find /etc /run /usr/lib -path '*systemd/system/*lvslab*' -not -path '/run/systemd/generator*'
true`;

/** What of it an applied host is meant to have: the unit that gives its tunnel the VIP at boot. */
const MEANT = 'lvslab-tunnel-';

/** The lines that a host in this state must not print. */
export function leftoversIn(printed: string, state: SavedState): readonly string[] {
  const lines = printed.split('\n').filter((line) => line !== '');
  return state === 'applied' ? lines.filter((line) => !line.includes(MEANT)) : lines;
}
