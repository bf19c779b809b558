import { lines, type Script, sh } from '../../engine/model/shell/script.ts';
import { shellFunction } from '../../engine/model/shell/shared-shell.ts';
import { tunnelEvidence } from '../network/tunnel-unit.ts';

/**
 * Shell function `lvslab_support FILE MODULE`: sets $lvslab_support to a `KernelSupport`, by the file of the kernel's that shows
 * that it has it, and else by what modprobe would do; a kernel without a folder of modules is not asked for any.
 */
const supportFunction = shellFunction(
  'lvslab_support',
  sh`
    lvslab_support() {
      lvslab_support=missing
      if [ -e "$1" ]; then
        lvslab_support=loaded
      elif read -r lvslab_line </proc/sys/kernel/osrelease && [ -d "/lib/modules/$lvslab_line" ] &&
        modprobe -n -q "$2" 2>/dev/null; then
        lvslab_support=loadable
      fi
    }
  `,
);

/** Shell that sets $lvslab_support to a `KernelSupport`. In use or built in, ip_vs shows in /proc; that is also all that a container can see of it. */
export const ipvsSupport: Script = lines(supportFunction, sh`lvslab_support /proc/net/ip_vs ip_vs`);

/** Shell that sets $lvslab_support to a `KernelSupport`. The tunnel's device is there as soon as the module is; a container sees no more of it. */
export const ipipSupport: Script = lines(
  supportFunction,
  sh`lvslab_support ${tunnelEvidence} ipip`,
);

/** Shell that prints what `support` has set. */
export function printSupport(support: Script): Script {
  return lines(support, sh`printf '%s\n' "$lvslab_support"`);
}
