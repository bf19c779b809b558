import { type LabRecord } from '../lab/lab-record.ts';
import { type Accelerator, type Verdict } from './virtualization.ts';

/**
 * What the real servers of a lab run in that is to be one of LVS-TUN, too, and why: containers have the kernel of this
 * machine, and load nothing into it.
 */
export function chooseRealServers(
  { ipip, kvm }: { readonly ipip: Verdict; readonly kvm: Verdict },
  wanted: 'auto' | Accelerator,
): Pick<LabRecord, 'realServersIn' | 'accelerator' | 'reasons'> {
  if (ipip.usable) return { realServersIn: 'container', reasons: [ipip.reason] };
  if (wanted !== 'auto') {
    return { realServersIn: 'vm', accelerator: wanted, reasons: [ipip.reason] };
  }
  const accelerator = kvm.usable ? 'kvm' : 'tcg';
  return { realServersIn: 'vm', accelerator, reasons: [ipip.reason, kvm.reason] };
}
