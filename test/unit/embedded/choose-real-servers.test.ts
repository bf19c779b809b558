import { expect, test } from '@jest/globals';

import { hostsOfLab } from '../../../src/embedded/lab/lab-hosts.ts';
import { isVirtualMachine } from '../../../src/embedded/lab/lab-record.ts';
import { chooseRealServers } from '../../../src/embedded/machine/choose-real-servers.ts';

const verdict = (usable: boolean, reason: string) => ({ usable, reason });
const ipip = verdict(true, 'ipip is there');
const noIpip = verdict(false, 'no ipip');
const kvm = verdict(true, 'KVM runs');
const noKvm = verdict(false, 'no KVM');

test.each([
  [{ ipip, kvm }, 'auto', { realServersIn: 'container', reasons: ['ipip is there'] }],
  [{ ipip, kvm: noKvm }, 'tcg', { realServersIn: 'container', reasons: ['ipip is there'] }],
  [
    { ipip: noIpip, kvm },
    'auto',
    { realServersIn: 'vm', accelerator: 'kvm', reasons: ['no ipip', 'KVM runs'] },
  ],
  [
    { ipip: noIpip, kvm: noKvm },
    'auto',
    { realServersIn: 'vm', accelerator: 'tcg', reasons: ['no ipip', 'no KVM'] },
  ],
  [{ ipip: noIpip, kvm }, 'tcg', { realServersIn: 'vm', accelerator: 'tcg', reasons: ['no ipip'] }],
] as const)('real servers of LVS-TUN, %j and %s', (found, wanted, chosen) => {
  expect(chooseRealServers(found, wanted)).toEqual(chosen);
});

test('which hosts are virtual machines', () => {
  const machines = (record: Parameters<typeof isVirtualMachine>[0]) =>
    hostsOfLab(2)
      .filter((host) => isVirtualMachine(record, host))
      .map(({ name }) => name);
  expect(machines({ director: 'vm' })).toEqual(['director']);
  expect(machines({ director: 'container' })).toEqual([]);
  expect(machines({ director: 'container', realServersIn: 'vm' })).toEqual(['rs1', 'rs2']);
  expect(machines({ director: 'vm', realServersIn: 'vm' })).toEqual(['director', 'rs1', 'rs2']);
});
