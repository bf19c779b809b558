import { describe, expect, test } from '@jest/globals';

import { ConflictError } from '../../../../src/engine/model/failures/errors.ts';
import { ifupdown } from '../../../../src/platforms/network/ifupdown.ts';
import { backendOfNic } from '../../../../src/platforms/network/owners/backend-of.ts';
import {
  type NicClaim,
  type NicOwner,
} from '../../../../src/platforms/network/owners/nic-owner.ts';

const usual = () => ifupdown;

function ownerBy(...claims: readonly Partial<NicClaim>[]): NicOwner {
  const whole = claims.map((claim) => ({
    manager: 'networkd' as const,
    byNetplan: false,
    evidence: 'its own words',
    ...claim,
  }));
  return { claims: whole, reasons: [], link: 'plain' };
}

function nameFor(device: string, owners: Readonly<Record<string, NicOwner>>): string {
  const nicOwners = new Map(Object.entries(owners));
  return backendOfNic({ nicOwners }, device, usual).name;
}

describe('the backend of a NIC', () => {
  test.each<readonly [string, Partial<NicClaim>]>([
    ['nm', { manager: 'networkmanager', file: '/etc/NetworkManager/system-connections/a' }],
    ['nm', { manager: 'networkmanager' }],
    ['ifcfg', { manager: 'networkmanager', file: '/etc/sysconfig/network-scripts/ifcfg-a' }],
    ['netplan', { manager: 'networkmanager', byNetplan: true }],
    ['netplan', { manager: 'networkd', byNetplan: true }],
    ['networkd', { manager: 'networkd' }],
    ['ifupdown', { manager: 'ifupdown' }],
    ['ifcfg', { manager: 'initscripts' }],
  ])('is %s, as its owner says', (name, claim) => {
    expect(nameFor('ens33', { ens33: ownerBy(claim) })).toBe(name);
  });

  test('that nobody has is that of the other NICs, where they agree, and else the usual one', () => {
    const [free, networkd] = [ownerBy(), ownerBy({ manager: 'networkd' })];
    const nm = ownerBy({ manager: 'networkmanager' });
    expect(nameFor('ens37', { ens33: networkd, ens37: free })).toBe('networkd');
    expect(nameFor('ens37', { ens33: networkd, ens38: nm, ens37: free })).toBe('ifupdown');
    expect(nameFor('ens37', { ens37: free })).toBe('ifupdown');
    expect(backendOfNic({}, 'ens33', usual)).toBe(ifupdown);
  });

  test('that two have is a conflict, which names both', () => {
    const both = ownerBy({ manager: 'networkd' }, { manager: 'ifupdown' });
    expect(() => nameFor('ens33', { ens33: both })).toThrow(ConflictError);
    expect(() => nameFor('ens33', { ens33: both })).toThrow(/systemd-networkd and ifupdown/);
  });
});
