import { MissingOnHostError } from '../../engine/model/failures/errors.ts';
import { type Resource } from '../../engine/model/resource.ts';
import { type Facts } from '../../platforms/facts/facts.ts';
import { tunnelEvidence } from '../../platforms/network/tunnel-unit.ts';
import { kernelModule, type KernelModuleState } from './kernel-module.ts';

/**
 * The end of IPIP tunnels in the kernel, now and at every boot; the device tunl0 comes with it.
 * @throws MissingOnHostError when this kernel can't have it.
 */
export function ipipModule({
  ipip,
  kernel,
}: Pick<Facts, 'ipip' | 'kernel'>): Resource<KernelModuleState> {
  if (ipip === 'missing') {
    throw new MissingOnHostError(
      `the kernel ${kernel} has no IPIP tunnels (ipip), so this host can't take what the director sends in LVS-TUN`,
      {
        step: 'kernel module ipip',
        hint: "Boot the distribution's own kernel, which has it; in a container, run `modprobe ipip` on the machine that runs it. Or set lvs_mode to dr, which needs no tunnel.",
      },
    );
  }
  return kernelModule({ name: 'ipip', evidence: tunnelEvidence });
}
