import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { markFilters } from '../../platforms/packet-marks/mark-filters.ts';
import { section } from '../../platforms/sections.ts';
import { printIpvsTable } from '../../platforms/ipvs-table-script.ts';
import { ipvsSupport, printSupport } from '../../platforms/facts/kernel-support.ts';
import { printSavedRules } from '../../platforms/saved-rules.ts';
import { beginningOf } from './beginning-of.ts';
import { named, type NamedScript } from './reading-parts.ts';

/** What only a director is asked, once, after the requests. */
export function directorScripts({
  isMarked = false,
}: {
  readonly isMarked?: boolean;
}): readonly NamedScript[] {
  return [
    named('ipvs support', printSupport(ipvsSupport)),
    named('ipvs table', readIpvsTable()),
    named(
      'ipvs connections',
      sh`if [ -e /proc/net/ip_vs_conn ]; then head -n 4000 /proc/net/ip_vs_conn; fi`,
    ),
    named('ipvs at boot', printSavedRules(beginningOf)),
    named('keepalived', readKeepalived()),
    ...(isMarked ? [named('packet marks', readMarks())] : []),
  ];
}

function readIpvsTable(): Script {
  return sh`
    if [ ! -e /proc/net/ip_vs ]; then
      echo none
    elif command -v ipvsadm >/dev/null; then
      echo saved
      ${beginningOf(printIpvsTable)}
    else
      echo proc
      ${beginningOf(sh`cat /proc/net/ip_vs`)}
    fi
  `;
}

/** Whatever the system, it may be either program. */
function readMarks(): Script {
  const filters = Object.values(markFilters);
  return lines(...filters.map(({ name, print }) => section(name, beginningOf(print))));
}

/** Passwords stay on the host. */
function readKeepalived(): Script {
  return sh`
    [ -f /etc/keepalived/keepalived.conf ] || exit 0
    ${beginningOf(sh`grep -vi 'pass' /etc/keepalived/keepalived.conf || [ "$?" -eq 1 ]`)}
  `;
}
