import { statfs } from 'node:fs/promises';
import { type Finding } from './finding.ts';

/** Image, packages and the hosts' own layers, with room to build in. */
const EMBEDDED_LAB_GIB = 4;

/** Can this machine run lvslab, and the embedded lab. */
export async function checkMachine(cacheFolder: string): Promise<readonly Finding[]> {
  const { howToInstall, missingTools } = await import('../../embedded/machine/system-packages.ts');
  const { probeVirtualization } = await import('../../embedded/machine/virtualization.ts');
  const missing = missingTools();
  const isRoot = process.getuid?.() === 0;
  return [
    { subject: 'Node.js', judgement: 'ok', text: process.versions.node },
    isRoot
      ? { subject: 'root', judgement: 'ok', text: 'yes' }
      : { subject: 'root', judgement: 'warning', text: 'no: the embedded lab needs it' },
    missing.length === 0
      ? { subject: 'programs for the embedded lab', judgement: 'ok', text: 'all there' }
      : {
          subject: 'programs for the embedded lab',
          judgement: 'warning',
          text: `${missing.map(({ program, reason }) => `${program} (${reason})`).join(', ')} missing. ${howToInstall(missing)}`,
        },
    ...(isRoot && missing.length === 0
      ? checkVirtualization(await probeVirtualization(cacheFolder))
      : []),
    await checkDisk(),
  ];
}

function checkVirtualization({
  ipvs,
  kvm,
}: {
  readonly ipvs: { readonly usable: boolean; readonly reason: string };
  readonly kvm: { readonly usable: boolean; readonly reason: string };
}): readonly Finding[] {
  const director = ipvs.usable
    ? 'the director can be a container'
    : 'the director will be a virtual machine';
  const speed = kvm.usable ? 'at full speed' : 'emulated, which takes some seconds more';
  return [
    { subject: 'IPVS in this kernel', judgement: 'ok', text: `${ipvs.reason}: ${director}` },
    ...(ipvs.usable
      ? []
      : [{ subject: 'KVM', judgement: 'ok' as const, text: `${kvm.reason}: ${speed}` }]),
  ];
}

async function checkDisk(): Promise<Finding> {
  const { bavail, bsize } = await statfs('/var');
  const free = (bavail * bsize) / 1024 ** 3;
  const text = `${free.toFixed(1)} GiB free in /var`;
  return free >= EMBEDDED_LAB_GIB
    ? { subject: 'disk', judgement: 'ok', text }
    : {
        subject: 'disk',
        judgement: 'warning',
        text: `${text}: the embedded lab needs ${EMBEDDED_LAB_GIB} GiB`,
      };
}
