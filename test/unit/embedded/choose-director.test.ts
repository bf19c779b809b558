import { describe, expect, test } from '@jest/globals';

import { chooseDirector } from '../../../src/embedded/machine/choose-director.ts';
import { type Accelerator } from '../../../src/embedded/machine/virtualization.ts';

const verdict = (usable: boolean, reason: string): { usable: boolean; reason: string } => ({
  usable,
  reason,
});

const cases: readonly [boolean, boolean, 'auto' | Accelerator, string | undefined, string][] = [
  [true, true, 'auto', undefined, 'ipvs'],
  [true, false, 'auto', undefined, 'ipvs'],
  [false, true, 'auto', 'kvm', 'ipvs; kvm'],
  [false, false, 'auto', 'tcg', 'ipvs; kvm'],
  [false, true, 'tcg', 'tcg', 'ipvs; tcg was asked for'],
  [true, true, 'kvm', 'kvm', 'a virtual machine was asked for; kvm was asked for'],
];

describe('what the director runs in', () => {
  test.each(cases)('IPVS %s, KVM %s, wanted %s: %s', (ipvs, kvm, wanted, accelerator, reasons) => {
    const chosen = chooseDirector(
      { ipvs: verdict(ipvs, 'ipvs'), kvm: verdict(kvm, 'kvm') },
      wanted,
    );
    expect(chosen).toEqual({
      director: accelerator === undefined ? 'container' : 'vm',
      ...(accelerator === undefined ? {} : { accelerator }),
      reasons: reasons.split('; '),
    });
  });
});
