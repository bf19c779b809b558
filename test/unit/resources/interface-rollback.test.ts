import { expect, test } from '@jest/globals';

import { value } from '../../../src/engine/model/resource.ts';
import { interfaceBy } from '../../../src/resources/network/network-interface.ts';
import { ifcfg } from '../../../src/platforms/network/ifcfg.ts';

const settings = { device: 'ens37', address: '192.168.2.128', prefix: 24, dns: [] };
const path = '/etc/sysconfig/network-scripts/ifcfg-ens37';
const nic = interfaceBy({ networkConfiguration: 'ifcfg', settings });
const written = {
  content: ifcfg.merge(undefined, settings),
  mode: '0644',
  owner: 'root',
  group: 'root',
};
const right = {
  path,
  up: true,
  addresses: ['192.168.2.128/24'],
  defaultRoutes: [],
} as const;

test.each([
  ['only the file differs', false, { ...right }],
  ['only the address differs', true, { ...right, file: written, addresses: [] }],
  ['file and address differ', true, { ...right, addresses: ['192.168.2.9/24'] }],
  ['file and link differ', true, { ...right, up: false }],
])('where %s, the change is guarded: %s', (_, isGuarded, found) => {
  expect(nic.rollback?.(value(found), nic.aim(value(found))) !== undefined).toBe(isGuarded);
});
