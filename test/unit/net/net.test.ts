import { BlockList, isIP } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Endpoint, endpointText, splitEndpoint } from '../../../src/net/endpoint.ts';
import { InterfaceAddress, lengthOfMask } from '../../../src/net/interface-address.ts';
import { IpAddress, isIpv4 } from '../../../src/net/ip-address.ts';
import { IpNetwork } from '../../../src/net/ip-network.ts';

const someBytes = fc.oneof(
  fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
  fc.array(fc.nat(255), { minLength: 16, maxLength: 16 }),
  // Rows of zeros, which IPv6 shortens.
  fc.array(fc.constantFrom(0, 0, 0, 255), { minLength: 16, maxLength: 16 }),
);
const someAddress = someBytes.map((bytes) => IpAddress.ofBytes(bytes));
const someInterface = someAddress.chain((address) =>
  fc.nat(address.bytes.length * 8).map((length) => InterfaceAddress.of(address, length)),
);

describe('IpAddress', () => {
  test.each([
    ['192.168.4.133', 'ipv4', '192.168.4.133'],
    ['2001:DB8:0:0:0:0:0:1', 'ipv6', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', 'ipv6', '2001:db8::1:0:0:1'],
    ['::', 'ipv6', '::'],
    ['::ffff:c0a8:485', 'ipv6', '::ffff:192.168.4.133'],
    ['fe80::1%ens33', 'ipv6', 'fe80::1%ens33'],
  ])('%s is %s and written %s', (text, family, written) => {
    expect(IpAddress.parse(text)).toMatchObject({ family, text: written });
  });

  test.each([
    ...[
      '',
      ' ',
      '1.2.3',
      '1.2.3.4.5',
      '127.1',
      '010.0.0.1',
      '0x7f.0.0.1',
      '1.2.3.256',
      '2130706433',
    ],
    ...[
      '1.2.3.4/24',
      '1.2.3.4:80',
      '[::1]',
      '1::2::3',
      ':::',
      '12345::',
      '::1.2.3',
      'web',
      '1.2.3.4\n',
    ],
  ])('%j is none', (text) => {
    expect(IpAddress.parse(text)).toBeUndefined();
    expect(isIpv4(text)).toBe(false);
  });

  test('what is written is read again, and is an address to Node as well', () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const { text, family } = IpAddress.ofBytes(bytes);
        expect(IpAddress.parse(text)?.bytes).toEqual(bytes);
        expect(isIP(text)).toBe(family === 'ipv4' ? 4 : 6);
      }),
    );
  });

  test('nothing is an address that is none to Node', () => {
    const near = fc.string({
      unit: fc.constantFrom(...'0 1 2 3 5 9 a f . :'.split(' ')),
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.oneof(near, fc.string()), (text) => {
        fc.pre(isIP(text) === 0);
        expect(IpAddress.parse(text)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['10.1.2.3', 'unicast'],
    ['100.64.0.1', 'unicast'],
    ['0.0.0.0', 'unspecified'],
    ['255.255.255.255', 'broadcast'],
    ['224.0.0.1', 'multicast'],
    ['127.0.0.1', 'loopback'],
    ['169.254.1.1', 'link-local'],
    ['2001:db8::1', 'unicast'],
    ['::', 'unspecified'],
    ['ff02::1', 'multicast'],
    ['::1', 'loopback'],
    ['fe80::1', 'link-local'],
  ])('%s is for use as %s', (text, use) => {
    expect(IpAddress.parse(text)?.use).toBe(use);
  });

  test('is what it is said to be', () => {
    expect(IpAddress.of('10.0.0.1')).toEqual(IpAddress.parse('10.0.0.1'));
    expect(() => IpAddress.of('web')).toThrow(RangeError);
  });

  test('has 4 bytes or 16', () => {
    expect(() => IpAddress.ofBytes([1, 2, 3])).toThrow(RangeError);
  });
});

describe('IpNetwork', () => {
  test.each([
    ['192.168.2.128/24', '192.168.2.0/24', '192.168.2.0', '192.168.2.255'],
    ['10.9.8.7/8', '10.0.0.0/8', '10.0.0.0', '10.255.255.255'],
    ['192.168.2.129/30', '192.168.2.128/30', '192.168.2.128', '192.168.2.131'],
    ['1.2.3.4/0', '0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
    ['2001:db8::7/64', '2001:db8::/64', '2001:db8::', undefined],
  ])('around %s it is %s', (inside, network, first, last) => {
    const found = InterfaceAddress.parse(inside)?.network;
    expect(found?.text).toBe(network);
    expect(found?.reserves(IpAddress.of(first))).toBe('network');
    expect(last === undefined ? undefined : found?.reserves(IpAddress.of(last))).toBe(
      last === undefined ? undefined : 'broadcast',
    );
    expect(found?.reserves(IpAddress.of(inside.replace(/[/].*/, '')))).toBeUndefined();
  });

  test.each(['10.0.0.0/31', '10.0.0.1/31', '10.0.0.0/32', '::/127', '::/128'])(
    '%s leaves all addresses to hosts',
    (text) => {
      const found = InterfaceAddress.parse(text);
      expect(found?.network.reserves(found.address)).toBeUndefined();
    },
  );

  test.each(['', '10.0.0.1', '10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8 ', '::/129'])(
    '%j is none',
    (text) => {
      expect(IpNetwork.parse(text)).toBeUndefined();
    },
  );

  test('what is written is read again', () => {
    fc.assert(
      fc.property(someInterface, ({ network }) => {
        expect(IpNetwork.parse(network.text)).toEqual(network);
      }),
    );
  });

  test('holds what Node says it holds', () => {
    // Near enough to be inside as often as not.
    const pair = fc.tuple(someInterface, someBytes, fc.nat(128)).map(([nic, bytes, same]) => {
      const other = nic.address.bytes.map((byte, i) => (i * 8 < same ? byte : (bytes[i] ?? 0)));
      return { nic, other: IpAddress.ofBytes(other) };
    });
    fc.assert(
      fc.property(pair, ({ nic: { network, address }, other }) => {
        const oracle = new BlockList();
        oracle.addSubnet(network.address.text, network.length, network.address.family);
        expect(network.contains(other)).toBe(oracle.check(other.text, other.family));
        expect(network.contains(address)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('holds no address of the other family', () => {
    expect(IpNetwork.parse('0.0.0.0/0')?.contains(IpAddress.of('::1'))).toBe(false);
    expect(IpNetwork.parse('::/0')?.contains(IpAddress.of('0.0.0.1'))).toBe(false);
  });

  test.each([33, -1, 1.5, Number.NaN])('IPv4 has no prefix of the length %s', (length) => {
    expect(() => IpNetwork.around(IpAddress.of('10.0.0.1'), length)).toThrow(RangeError);
    expect(() => InterfaceAddress.of(IpAddress.of('10.0.0.1'), length)).toThrow(RangeError);
  });
});

describe('InterfaceAddress', () => {
  test('what is written is read again', () => {
    fc.assert(
      fc.property(someInterface, (nic) => {
        expect(InterfaceAddress.parse(nic.text)).toEqual(nic);
      }),
    );
  });

  test.each([
    ['192.168.2.128', '24', '192.168.2.128/24'],
    ['192.168.2.128', '255.255.255.0', '192.168.2.128/24'],
    ['192.168.2.128', '255.255.255.128', '192.168.2.128/25'],
    ['192.168.2.128', '0.0.0.0', '192.168.2.128/0'],
    ['192.168.2.128', '255.255.255.255', '192.168.2.128/32'],
    ['192.168.2.128', '255.0.255.0', undefined],
    ['192.168.2.128', '33', undefined],
    ['192.168.2.128', '', undefined],
    ['', '24', undefined],
    ['web', '24', undefined],
  ])('%s with %j is %s', (address, length, text) => {
    expect(InterfaceAddress.parseParts(address, length)?.text).toBe(text);
  });

  test('every length has its mask', () => {
    fc.assert(
      fc.property(fc.nat(32), (length) => {
        const all = IpNetwork.around(IpAddress.of('255.255.255.255'), length);
        expect(lengthOfMask(all.address.text)).toBe(length);
      }),
    );
  });
});

describe('Endpoint', () => {
  test.each([
    ['192.168.4.133:80', '192.168.4.133', 80],
    ['192.168.4.133', '192.168.4.133', undefined],
    ['192.168.4.133:0', '192.168.4.133', 0],
    ['[2001:db8::1]:443', '2001:db8::1', 443],
    ['[2001:db8::1]', '2001:db8::1', undefined],
  ])('%s', (text, address, port) => {
    const found = Endpoint.parse(text);
    expect(found?.address.text).toBe(address);
    expect(found?.port).toBe(port);
    expect(found?.text).toBe(text);
  });

  test.each([
    ...['', ':80', '1.2.3.4:', '1.2.3.4:65536', '1.2.3.4:http', '1.2.3.4:-1', '1.2.3.4:80:90'],
    ...[
      '2001:db8::1',
      '2001:db8::1:80',
      '[1.2.3.4]:80',
      '[]:80',
      '[::1',
      '::1]:80',
      '[::1]80',
      'web:80',
    ],
  ])('%j is none', (text) => {
    expect(Endpoint.parse(text)).toBeUndefined();
  });

  test('what is written is read again, and is a place to a URL as well', () => {
    fc.assert(
      fc.property(someAddress, fc.integer({ min: 1, max: 65535 }), (address, port) => {
        const text = endpointText({ address: address.text, port });
        expect(Endpoint.parse(text)).toMatchObject({ address: { text: address.text }, port });
        expect(new URL(`http://${text}/`).port).toBe(port === 80 ? '' : String(port));
      }),
    );
  });

  test.each([
    ['web:http', { host: 'web', port: 'http' }],
    ['[::1]:http', { host: '::1', port: 'http' }],
    ['web', { host: 'web' }],
    ['a:b:c', undefined],
    ['[[::1]]:80', undefined],
  ])('%s in two parts', (text, parts) => {
    expect(splitEndpoint(text)).toEqual(parts);
  });
});
