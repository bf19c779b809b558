import { expect, test } from '@jest/globals';

import { ifupdown } from '../../../../src/platforms/network/ifupdown.ts';
import { mergeInterfaces } from '../../../../src/platforms/network/formats/interfaces-text.ts';

const path = '/etc/network/interfaces';
const settings = {
  device: 'ens33',
  address: '192.168.2.129',
  prefix: 24,
  gateway: '192.168.2.130',
  dns: [],
};

function merged(text: string, auto: readonly string[] = ['ens33'], more = {}): string {
  const given = { newFile: path, auto, settings: { ...settings, ...more } };
  return mergeInterfaces(new Map([[path, text]]), given).get(path) ?? '';
}

test('a header that goes on in the next line is one line', () => {
  expect(merged('auto ens33\niface ens33 \\\n  inet dhcp\n  metric 5\n  gateway 10.0.0.1\n')).toBe(
    'auto ens33\niface ens33 \\\n  inet static\n    address 192.168.2.129/24\n    gateway 192.168.2.130\n  metric 5\n',
  );
});

test('options that go on in the next line are replaced whole, or stay whole', () => {
  expect(
    merged(
      'auto ens33\niface ens33 inet static\n  address \\\n    192.168.2.129/24\n  gateway \\\n    192.168.2.1\n  up echo a \\\n    b',
    ),
  ).toBe(
    'auto ens33\niface ens33 inet static\n  address \\\n    192.168.2.129/24\n    gateway 192.168.2.130\n  up echo a \\\n    b',
  );
  expect(merged('iface ens33 inet static\n  address \\\n    192.168.2.129/24\n', [])).toBe(
    'auto ens33\niface ens33 inet static\n  address \\\n    192.168.2.129/24\n    gateway 192.168.2.130\n',
  );
});

test('an address that lvslab gave earlier makes room, in any spelling', () => {
  const text =
    'auto ens33\niface ens33 inet static\n\taddress 192.168.2.9\n\tnetmask \\\n\t255.255.255.0\n\tmtu 1400\n';
  expect(merged(text, ['ens33'], { replaces: ['192.168.2.9/24'] })).toBe(
    'auto ens33\niface ens33 inet static\n    address 192.168.2.129/24\n    gateway 192.168.2.130\n\tmtu 1400\n',
  );
});

test('each NIC without a stanza gets a file of its own, also where it is foreseen for another one', () => {
  const main = 'source /etc/network/interfaces.d/*\n';
  const boot = { comesUp: false, dhcp: false, addresses: [], nameServers: [] };
  const found = {
    files: [{ path, text: main, mode: '644', owner: 0 }],
    boot: { ...boot, link: 'plain' as const, conflicts: [] },
    known: { auto: [], newFile: ['/etc/network/interfaces.d/lvslab-ens37'] },
  };
  const first = ifupdown.aim(found, settings);
  const both = ifupdown.aim(first, { ...settings, device: 'ens37', address: '192.168.4.133' });
  expect(both.files.map((file) => file.path)).toEqual([
    path,
    '/etc/network/interfaces.d/lvslab-ens33',
    '/etc/network/interfaces.d/lvslab-ens37',
  ]);
});
