import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  addNetworkRoute,
  dhcpNetworkFile,
  dropNetworkRoute,
  freshNetworkFile,
  mergeNetworkFile,
} from '../../../../src/platforms/network/formats/networkd.ts';
import { readNetworkFile } from '../../../../src/platforms/network/formats/network-file.ts';
import { hosts, lineChanges, settingsOf } from '../../../support/network/network-profiles.ts';

const withoutGateway = { device: 'ens33', address: '192.168.2.129', prefix: 24, dns: [] };
const wanted = { ...withoutGateway, gateway: '192.168.2.130' };

describe('a .network file', () => {
  test('has its gateway replaced in [Network], or in the [Route] that it stands in', () => {
    const text =
      '[Match]\nName=ens33\n\n[Network]\nAddress=192.168.2.129/24\nGateway=192.168.2.1\n';
    expect(mergeNetworkFile(text, wanted)).toBe(text.replace('2.1\n', '2.130\n'));
    const route =
      '[Network]\nAddress=192.168.2.129/24\n\n[Route]\n# old\nGateway=192.168.2.1\nMetric=5\n';
    expect(mergeNetworkFile(route, wanted)).toBe(route.replace('2.1\n', '2.130\n'));
  });

  test('keeps one gateway of several; those of other tables and of IPv6 are no matter of ours', () => {
    const rest = '\n[Route]\nGateway=192.168.2.9\nTable=100\n\n[Route]\nGateway=fe80::1\n';
    const text = `[Network]\nAddress=192.168.2.129/24\nGateway=192.168.2.1\nGateway=2001:db8::1\n`;
    const second = '\n[Route]\nGateway=192.168.2.2\nDestination=0.0.0.0/0\n';
    expect(mergeNetworkFile(`${text}${second}${rest}`, wanted)).toBe(
      `${text.replace('2.1\n', '2.130\n')}\n${rest}`,
    );
  });

  test('gets one more address beside those of others, whichever sections they are in', () => {
    const text =
      '[Network]\nAddress=192.168.2.50/24 \n# mine\n\n[Address]\nAddress=192.168.2.60/24\nLabel=ens33:1\n';
    expect(mergeNetworkFile(text, withoutGateway)).toBe(
      '[Network]\nAddress=192.168.2.50/24 \nAddress=192.168.2.129/24\n# mine\n\n[Address]\nAddress=192.168.2.60/24\nLabel=ens33:1\n',
    );
    expect(mergeNetworkFile(text, { ...withoutGateway, replaces: ['192.168.2.60/24'] })).toBe(
      text.replace('192.168.2.60/24', '192.168.2.129/24'),
    );
  });

  test('goes from DHCP to a static address and back; DHCP of IPv6 stays', () => {
    const text = '[Match]\nName=ens33\n[Network]\nDHCP=yes\n';
    const fixed = mergeNetworkFile(text, { ...wanted, dns: ['8.8.8.8', '9.9.9.9'] });
    expect(fixed).toBe(
      '[Match]\nName=ens33\n[Network]\nDHCP=ipv6\nAddress=192.168.2.129/24\nGateway=192.168.2.130\nDNS=8.8.8.8 9.9.9.9\n',
    );
    expect(dhcpNetworkFile(fixed, wanted)).toBe(
      '[Match]\nName=ens33\n[Network]\nDHCP=yes\nDNS=8.8.8.8 9.9.9.9\n',
    );
    expect(mergeNetworkFile('[Network]\nDHCP=v4\n', withoutGateway)).toBe(
      '[Network]\nDHCP=no\nAddress=192.168.2.129/24\n',
    );
  });

  test('keeps name servers of IPv6', () => {
    const text =
      '[Network]\nAddress=192.168.2.129/24\nDNS=8.8.8.8 2001:db8::53\nDNS=1.1.1.1#name\n';
    expect(mergeNetworkFile(text, { ...withoutGateway, dns: ['9.9.9.9'] })).toBe(
      '[Network]\nAddress=192.168.2.129/24\nDNS=9.9.9.9 2001:db8::53\n',
    );
  });

  test('is read with lines that go on, comments of both kinds, and what an empty value takes back', () => {
    const file = readNetworkFile(
      '[Network]\nAddress=10.0.0.1/8\nAddress=\nDNS=10.0.0.7 \\\n# between\n  10.0.0.8\n;Gateway=10.0.0.2\nBridge=br0\nDHCP=ipv4\n[Link]\nUnmanaged=yes\n',
    );
    expect(file).toMatchObject({
      addresses: [],
      gateways: [],
      dns: ['10.0.0.7', '10.0.0.8'],
      master: 'br0',
      isDhcp4: true,
      isUnmanaged: true,
    });
  });

  test('of its own is whole', () => {
    expect(freshNetworkFile({ ...wanted, dns: ['8.8.8.8'] })).toBe(
      '[Match]\nName=ens33\n\n[Network]\nAddress=192.168.2.129/24\nGateway=192.168.2.130\nDNS=8.8.8.8\n',
    );
  });
});

const part = fc.oneof(
  fc.constantFrom(
    '',
    '# a remark',
    '; another',
    'LinkLocalAddressing=no',
    'IPForward=yes',
    'DHCP=yes',
  ),
  hosts.map((host) => `Address=${host}/24`),
  hosts.map((host) => `Gateway=${host}`),
  hosts.map((host) => `DNS=${host} \\\n  2001:db8::53`),
);
const sectionOf = fc.oneof(
  hosts.map((host) => `[Address]\nAddress=${host}/24\nLabel=a:1\n`),
  hosts.map((host) => `[Route]\n# why\nGateway=${host}\nMetric=7\n`),
  hosts.map((host) => `[Route]\nGateway=${host}\nDestination=10.9.0.0/16\n`),
);
const files = fc
  .tuple(fc.array(part, { maxLength: 6 }), fc.array(sectionOf, { maxLength: 3 }))
  .map(([network, sections]) =>
    ['[Match]\nName=ens33\n', ['[Network]', ...network, ''].join('\n'), ...sections].join('\n'),
  );
const ours =
  /^(Address=|Gateway=|DNS=|DHCP=|Metric=7|Label=a:1|\[Address\]|\[Route\]| {2}2001:db8::53|$)/;

describe('any .network file', () => {
  test('says after an edit what was asked, in the same words after a second, and has all other lines', () => {
    fc.assert(
      fc.property(files, settingsOf('ens33'), (text, settings) => {
        const after = mergeNetworkFile(text, settings);
        const file = readNetworkFile(after);
        expect(file.isDhcp4).toBe(false);
        expect(file.addresses.map(({ address }) => address)).toContain(
          `${settings.address}/${settings.prefix}`,
        );
        const { gateway, dns } = settings;
        const gateways = file.gateways.map((found) => found.gateway);
        expect(gateway === undefined || isDeepStrictEqual(gateways, [gateway])).toBe(true);
        expect(dns.length === 0 || isDeepStrictEqual(file.dns, dns)).toBe(true);
        const { gone, came } = lineChanges(text, after);
        expect([...gone, ...came].filter((line) => !ours.test(line))).toEqual([]);
        expect(mergeNetworkFile(after, settings)).toBe(after);
      }),
    );
  });

  test('keeps the addresses of others, and all routes elsewhere', () => {
    fc.assert(
      fc.property(files, settingsOf('ens33'), (text, settings) => {
        const { replaces = [], address } = settings;
        const [before, after] = [text, mergeNetworkFile(text, settings)].map(readNetworkFile);
        const others = before?.addresses
          .map((found) => found.address)
          .filter((one) => !replaces.includes(one) && !one.startsWith(`${address}/`));
        expect(after?.addresses.map((found) => found.address)).toEqual(
          expect.arrayContaining(others ?? []),
        );
        const routes = (file: typeof after) =>
          file?.routes.map(({ gateway, destination }) => [gateway, destination]);
        expect(routes(after)).toEqual(routes(before));
      }),
    );
  });

  test('gets a route and loses it again', () => {
    fc.assert(
      fc.property(files, fc.option(fc.nat(1000), { nil: undefined }), (text, metric) => {
        const route = {
          address: '172.16.0.9',
          gateway: '192.168.2.1',
          device: 'ens33',
          ...(metric !== undefined && { metric }),
        };
        const after = addNetworkRoute(text, route);
        expect(addNetworkRoute(after, route)).toBe(after);
        expect(readNetworkFile(after).routes).toContainEqual(
          expect.objectContaining({ destination: '172.16.0.9/32', gateway: '192.168.2.1' }),
        );
        expect(dropNetworkRoute(after, '172.16.0.9').trimEnd()).toBe(text.trimEnd());
      }),
    );
  });
});
