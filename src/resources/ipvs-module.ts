import { MissingOnHostError } from '../engine/errors.ts';
import { type Resource } from '../engine/resource.ts';
import { type Facts } from '../platforms/facts.ts';
import { kernelModule, type KernelModuleState } from './kernel-module.ts';

/**
 * IPVS in the kernel, now and at every boot.
 * @throws MissingOnHostError when this kernel can't have it.
 */
export function ipvsModule({ ipvs, kernel }: Facts): Resource<KernelModuleState> {
  if (ipvs === 'missing') {
    throw new MissingOnHostError(`the kernel ${kernel} has no IPVS (ip_vs)`, {
      step: 'kernel module ip_vs',
      hint: "Boot the distribution's own kernel, which has it; in a container, run `modprobe ip_vs` on the machine that runs it.",
    });
  }
  return kernelModule({ name: 'ip_vs', evidence: '/proc/net/ip_vs' });
}
