import { type Script, sh } from '../../engine/model/shell/script.ts';
import { tunnelEvidence } from '../network/tunnel-unit.ts';

/** Shell that prints a `KernelSupport`. In use or built in, ip_vs shows in /proc; that is also all that a container can see of it. */
export const printIpvsSupport: Script = sh`
  if [ -e /proc/net/ip_vs ]; then
    echo loaded
  elif modprobe -n -q ip_vs 2>/dev/null; then
    echo loadable
  else
    echo missing
  fi
`;

/** Shell that prints a `KernelSupport`. The tunnel's device is there as soon as the module is; a container sees no more of it. */
export const printIpipSupport: Script = sh`
  if [ -e ${tunnelEvidence} ]; then
    echo loaded
  elif modprobe -n -q ipip 2>/dev/null; then
    echo loadable
  else
    echo missing
  fi
`;
