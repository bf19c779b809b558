import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { ifcfg } from '../../../src/platforms/network/ifcfg.ts';
import { ifupdown } from '../../../src/platforms/network/ifupdown.ts';
import { type BootView } from '../../../src/platforms/network/boot/boot-view.ts';
import {
  type InterfaceSettings,
  type NetworkConfig,
} from '../../../src/platforms/network/network-backend.ts';
import { parseAssignments } from '../../../src/platforms/shell-assignments.ts';

const address = fc.ipV4();
const settings: fc.Arbitrary<InterfaceSettings> = fc.record(
  {
    device: fc.constantFrom('ens33', 'ens37', 'eth0.10'),
    address,
    prefix: fc.integer({ min: 0, max: 32 }),
    gateway: address,
    dns: fc.array(address, { maxLength: 1 }),
  },
  { requiredKeys: ['device', 'address', 'prefix', 'dns'] },
);

/** Lines as people write them, ours and foreign, whole and broken. */
const line = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '# comment',
      'auto ens33',
      'auto ens37',
      'iface ens33 inet dhcp',
      'iface ens37 inet static',
    ],
    ...['    address 10.0.0.1', '    netmask 255.255.0.0', '    gateway 10.0.0.2', '    mtu 1400'],
    ...[
      'source /etc/network/interfaces.d/*',
      'IPADDR=10.0.0.1',
      'IPADDR0=10.0.0.1',
      'NETMASK=255.0.0.0',
    ],
    ...['PREFIX="8"', "BOOTPROTO='none'", 'GATEWAY="10.0.0.2"  //what', 'UUID=1', 'DNS2=1.1.1.1'],
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
);
const text = fc.option(
  fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n')),
  { nil: undefined },
);

const interfaces = '/etc/network/interfaces';
const scripts = '/etc/sysconfig/network-scripts/ifcfg-';

/** What each reader would have found in a file with this text, but for what only its own program knows. */
const finders = {
  ifcfg: (content: string | undefined, device: string): NetworkConfig =>
    configOf(`${scripts}${device}`, content, {
      [`variables of ${scripts}${device}`]: [...new Map(parseAssignments(content ?? ''))].map(
        (pair) => pair.join(' '),
      ),
    }),
  ifupdown: (content: string | undefined): NetworkConfig =>
    configOf(interfaces, content, {
      newFile: [interfaces],
      auto: (content ?? '')
        .split('\n')
        .flatMap((each) => /^auto (ens33|ens37)$/.exec(each)?.[1] ?? []),
    }),
};

function configOf(
  path: string,
  content: string | undefined,
  known: NetworkConfig['known'],
): NetworkConfig {
  const boot: BootView = {
    comesUp: false,
    dhcp: false,
    addresses: [],
    link: 'plain',
    nameServers: [],
    conflicts: [],
  };
  const file = { path, text: content ?? '', mode: '644', owner: 0 };
  return { files: content === undefined ? [] : [file], boot, known };
}

describe.each([
  ['ifcfg', ifcfg],
  ['ifupdown', ifupdown],
] as const)('the files of %s', (name, backend) => {
  const find = finders[name];
  const merge = (content: string | undefined, wanted: InterfaceSettings): string =>
    backend.aim(find(content, wanted.device), wanted).files[0]?.text ?? '';

  test('give the device the address that was written into them', () => {
    fc.assert(
      fc.property(text, settings, (before, wanted) => {
        const once = backend.aim(find(before, wanted.device), wanted);
        const { comesUp, addresses } = backend.aim(
          { ...once, files: once.files.map((file) => ({ ...file, text: `${file.text}\n` })) },
          { ...wanted, replaces: [`${wanted.address}/${wanted.prefix}`], address: '192.0.2.9' },
        ).boot;
        expect(comesUp).toBe(true);
        expect(addresses.map((each) => each.address)).toContain(`192.0.2.9/${wanted.prefix}`);
      }),
    );
  });

  test('are left as they are once they say what is wanted', () => {
    fc.assert(
      fc.property(text, settings, (before, wanted) => {
        const once = merge(before, wanted);
        expect(merge(once, wanted)).toBe(once);
      }),
    );
  });

  test('keep what others wrote', () => {
    fc.assert(
      fc.property(text, settings, (before, wanted) => {
        const merged = merge(before, wanted).split('\n');
        const foreign = (before ?? '')
          .split('\n')
          .filter((each) => /^(#|UUID|DNS2|source| +mtu)/.test(each));
        expect(merged.filter((each) => foreign.includes(each))).toEqual(foreign);
      }),
    );
  });
});
