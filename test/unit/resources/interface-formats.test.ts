import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { ifcfg } from '../../../src/platforms/network/ifcfg.ts';
import { ifupdown } from '../../../src/platforms/network/ifupdown.ts';
import { type InterfaceSettings } from '../../../src/platforms/network/network-backend.ts';

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

describe.each([
  ['ifcfg', ifcfg],
  ['ifupdown', ifupdown],
])('the files of %s', (_, { merge, addressIn }) => {
  test('give the device the address that was written into them', () => {
    fc.assert(
      fc.property(text, settings, (before, wanted) => {
        const written = addressIn(merge(before, wanted), wanted.device);
        expect(written).toBe(`${wanted.address}/${wanted.prefix}`);
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
