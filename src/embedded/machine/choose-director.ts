import { type LabRecord } from '../lab/lab-record.ts';
import { type Accelerator, type Virtualization } from './virtualization.ts';

/** What the director runs in, and why: a container wherever it can have IPVS, because it starts in a second. */
export function chooseDirector(
  { ipvs, kvm }: Virtualization,
  wanted: 'auto' | Accelerator,
): Pick<LabRecord, 'director' | 'accelerator' | 'reasons'> {
  if (ipvs.usable && wanted === 'auto') return { director: 'container', reasons: [ipvs.reason] };
  const first = ipvs.usable ? 'a virtual machine was asked for' : ipvs.reason;
  if (wanted !== 'auto') {
    return { director: 'vm', accelerator: wanted, reasons: [first, `${wanted} was asked for`] };
  }
  const accelerator = kvm.usable ? 'kvm' : 'tcg';
  return { director: 'vm', accelerator, reasons: [first, kvm.reason] };
}
