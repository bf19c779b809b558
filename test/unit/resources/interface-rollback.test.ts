import { expect, test } from '@jest/globals';

import { value } from '../../../src/engine/model/resource.ts';
import { interfaceBy } from '../../../src/resources/network/interface/network-interface.ts';
import { freshIfcfg } from '../../../src/platforms/network/formats/ifcfg-text.ts';
import { type InterfaceState } from '../../../src/resources/network/interface/interface-state.ts';

const settings = { device: 'ens37', address: '192.168.2.128', prefix: 24, dns: [] };
const path = '/etc/sysconfig/network-scripts/ifcfg-ens37';
const nic = interfaceBy({ networkConfiguration: 'ifcfg', settings });
const boot = {
  comesUp: true,
  dhcp: false,
  addresses: [],
  link: 'plain',
  nameServers: [],
  conflicts: [],
} as const;
const written = { path, file: { content: freshIfcfg(settings), mode: '0644' } };
const right: InterfaceState = {
  files: [],
  boot,
  known: {},
  up: true,
  addresses: ['192.168.2.128/24'],
  defaultRoutes: [],
};
const known = { [`variables of ${path}`]: ['IPADDR 192.168.2.128', 'PREFIX 24', 'DEVICE ens37'] };

test.each([
  ['only the file differs', false, right],
  ['only the address differs', true, { ...right, files: [written], known, addresses: [] }],
  ['file and address differ', true, { ...right, addresses: ['192.168.2.9/24'] }],
  ['file and link differ', true, { ...right, up: false }],
])('where %s, the change is guarded: %s', (_, isGuarded, found) => {
  expect(nic.rollback?.(value(found), nic.aim(value(found))) !== undefined).toBe(isGuarded);
});
