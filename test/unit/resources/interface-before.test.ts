import { expect, test } from '@jest/globals';
import { networkBackends } from '../../../src/platforms/network/network-backends.ts';
import { aimAtBefore } from '../../../src/resources/network/interface/interface-aim.ts';
import { type InterfaceState } from '../../../src/resources/network/interface/interface-state.ts';

// A lease that is asked for again is waited for, and never given by hand: that takes knowing that it was one.
test('what a NIC had by a lease before lvslab is known for a lease when it goes back to it', () => {
  const settings = { device: 'ens33', address: '192.168.2.128', prefix: 24, dns: [] };
  const before: InterfaceState = {
    up: true,
    addresses: ['192.168.2.77/24'],
    leased: ['192.168.2.77/24'],
    defaultRoutes: [],
    files: [],
  };
  const past = { before, specs: [], outcomes: [], settingsOf: () => settings };
  const now: InterfaceState = { ...before, addresses: ['192.168.2.128/24'], leased: [] };
  const to = aimAtBefore(now, settings, { past, backend: networkBackends.networkd });
  expect(to.leased).toEqual(['192.168.2.77/24']);
  const fixed = { ...past, before: { up: true, addresses: [], defaultRoutes: [], files: [] } };
  expect(
    aimAtBefore(now, settings, { past: fixed, backend: networkBackends.networkd }),
  ).not.toHaveProperty('leased');
});
