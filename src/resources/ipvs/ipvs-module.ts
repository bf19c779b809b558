import { MissingOnHostError } from '../../engine/model/failures/errors.ts';
import { type Resource } from '../../engine/model/resource.ts';
import { findScheduler, schedulers } from '../../ipvs/distribution/schedulers.ts';
import { type Facts } from '../../platforms/facts/facts.ts';
import { isOlder } from '../../platforms/version.ts';
import { kernelModule, type KernelModuleState } from '../kernel/kernel-module.ts';

/**
 * IPVS in the kernel, now and at every boot.
 * @param services whose schedulers the kernel must have, too; without any, each kernel with IPVS will do.
 * @throws MissingOnHostError when this kernel can't have it.
 */
export function ipvsModule(
  facts: Pick<Facts, 'ipvs' | 'ipvsModules' | 'kernel'>,
  services: readonly { readonly scheduler: string }[] = [],
): Resource<KernelModuleState> {
  const { ipvs, kernel } = facts;
  if (ipvs === 'missing') {
    throw new MissingOnHostError(`the kernel ${kernel} has no IPVS (ip_vs)`, {
      step: 'kernel module ip_vs',
      hint: "Boot the distribution's own kernel, which has it; in a container, run `modprobe ip_vs` on the machine that runs it.",
    });
  }
  const lacking = services.find(({ scheduler }) => lacksScheduler(facts, scheduler));
  if (lacking !== undefined) {
    const { scheduler } = lacking;
    const there = schedulers.map(({ name }) => name).filter((name) => !lacksScheduler(facts, name));
    throw new MissingOnHostError(
      `the kernel ${kernel} has no scheduler ${scheduler} (ip_vs_${scheduler}); it has: ${there.join(', ') || 'none'}`,
      {
        step: 'kernel module ip_vs',
        hint: 'Set lvs_scheduler to one that it has, or boot a kernel that has this one.',
      },
    );
  }
  return kernelModule({ name: 'ip_vs', evidence: '/proc/net/ip_vs' });
}

/** Only what is certain: where the kernel's modules can't be seen, its release tells which it can't have. */
function lacksScheduler(
  { ipvsModules, kernel }: Pick<Facts, 'ipvsModules' | 'kernel'>,
  name: string,
): boolean {
  if (ipvsModules !== undefined) return !ipvsModules.has(`ip_vs_${name}`);
  const since = findScheduler(name)?.since;
  return since !== undefined && /^\d/.test(kernel) && isOlder(kernel, since);
}
