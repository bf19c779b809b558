import { type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { PROJECT } from '../../support/lab/controller-image.ts';

/** The line that ends the guest's report, before its exit status. */
export const VERDICT = 'container-director ended with';

/**
 * What the guest does once it has booted, with its report on the second serial port: the whole demo with the director in a
 * container, a teardown, `lab up` killed at some moments, and each time a `lab down` that leaves nothing.
 */
export const guestScript: Script = sh`
  set -u
  exec >/dev/ttyS1 2>&1 </dev/null
  export NO_COLOR=1 HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  cd ${PROJECT}
  lvslab() { node bin/lvslab.js "$@"; }
  leftovers() {
    { ip netns list; ls /var/lib/lvslab-lab; grep lvslab-lab /proc/self/mountinfo
      find /sys/fs/cgroup -maxdepth 1 -name 'lvslab-lab-*'; } 2>/dev/null
  }
  clean() {
    lvslab lab down || return 1
    left=$(leftovers)
    [ -z "$left" ] || { echo "left behind: $left"; return 1; }
  }
  all() {
    lvslab demo || return 1
    lvslab lab status | grep 'the kernel of this machine has IPVS' || return 1
    lvslab teardown -i /var/lib/lvslab-lab/lvslab/inventory.yml --yes || return 1
    clean || return 1
    for seconds in 1 3 6 12; do
      setsid node bin/lvslab.js lab up & up=$!
      sleep "$seconds"
      kill -KILL "$up" 2>/dev/null || :
      wait "$up"
      echo "killed after $seconds s"
      lvslab lab up || return 1
      clean || return 1
    done
  }
  all
  echo ${VERDICT} "$?"
  sync
  systemctl poweroff
`;
