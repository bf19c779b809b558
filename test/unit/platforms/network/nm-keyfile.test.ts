import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import {
  addKeyfileRoute,
  dhcpKeyfile,
  dropKeyfileRoute,
  freshKeyfile,
  mergeKeyfile,
  withoutDefaultRoute,
} from '../../../../src/platforms/network/formats/nm-keyfile.ts';
import { isDefault, readKeyfile } from '../../../../src/platforms/network/formats/nm-profile.ts';
import { hosts, lineChanges, settingsOf } from '../../../support/network/network-profiles.ts';

const withoutGateway = { device: 'ens33', address: '192.168.2.129', prefix: 24, dns: [] };
const wanted = { ...withoutGateway, gateway: '192.168.2.130' };

const head = `# of the web team
[connection]
id=ens33
uuid=11111111-1111-4111-8111-111111111111
type=ethernet
interface-name=ens33

[weird]
a = b
`;

/** Merges into an [ipv4] of these lines and shows only what is in it afterwards. */
function merged(...ipv4: readonly string[]): readonly string[] {
  const result = mergeKeyfile(`${head}\n[ipv4]\n${ipv4.join('\n')}\n`, wanted);
  expect(result.startsWith(`${head}\n[ipv4]\n`)).toBe(true);
  return result
    .slice(head.length + '\n[ipv4]\n'.length)
    .trimEnd()
    .split('\n');
}

describe('a keyfile', () => {
  test('has its gateway replaced where it stands', () => {
    expect(merged('method=manual', 'address1=192.168.2.129/24,192.168.2.1')).toEqual([
      'method=manual',
      'address1=192.168.2.129/24,192.168.2.130',
    ]);
    expect(merged('method=manual', 'address1=192.168.2.129/24', 'gateway=192.168.2.1')).toEqual([
      'method=manual',
      'address1=192.168.2.129/24',
      'gateway=192.168.2.130',
    ]);
    expect(
      merged('method=manual', 'address1=192.168.2.129/24', 'route1=0.0.0.0/0,192.168.2.1,50'),
    ).toEqual(['method=manual', 'address1=192.168.2.129/24', 'route1=0.0.0.0/0,192.168.2.130,50']);
  });

  test('keeps one spelling of the gateway out of several, and loses never-default', () => {
    expect(
      merged(
        'address1=192.168.2.129/24,192.168.2.1',
        'never-default=true',
        'gateway=192.168.2.2',
        'method=manual',
        'route1=0.0.0.0/0,192.168.2.9',
        'route1_options=onlink=true',
        'route2=10.9.0.0/16,192.168.2.7',
      ),
    ).toEqual([
      'address1=192.168.2.129/24',
      'gateway=192.168.2.130',
      'method=manual',
      'route2=10.9.0.0/16,192.168.2.7',
    ]);
  });

  test('keeps the default route of another table', () => {
    const lines = ['method=manual', 'address1=192.168.2.129/24,192.168.2.130'];
    const other = ['route1=0.0.0.0/0,192.168.2.9', 'route1_options=table=100'];
    expect(merged(...lines, ...other)).toEqual([...lines, ...other]);
  });

  test('gets one more address beside those of others', () => {
    expect(
      merged('method=manual', 'address1=192.168.2.50/24', '# the second', 'address2=10.0.0.9/8'),
    ).toEqual([
      'method=manual',
      'address1=192.168.2.50/24',
      '# the second',
      'address2=10.0.0.9/8',
      'address3=192.168.2.129/24',
      'gateway=192.168.2.130',
    ]);
  });

  test('has an address replaced that the wanted one comes in the place of', () => {
    const text = `[ipv4]\naddress1=192.168.2.50/24,192.168.2.1\naddress2=192.168.2.60/24\nmethod=manual\n`;
    expect(mergeKeyfile(text, { ...withoutGateway, replaces: ['192.168.2.50/24'] })).toBe(
      `[ipv4]\naddress1=192.168.2.129/24,192.168.2.1\naddress2=192.168.2.60/24\nmethod=manual\n`,
    );
  });

  test('does not lose the gateway with the address that bore it', () => {
    const text = `[ipv4]\naddress1=192.168.2.129/16,192.168.2.1\naddress2=192.168.2.129/24\nmethod=manual\n`;
    expect(mergeKeyfile(text, withoutGateway)).toBe(
      `[ipv4]\naddress2=192.168.2.129/24\nmethod=manual\ngateway=192.168.2.1\n`,
    );
  });

  test('goes from DHCP to a static address and back', () => {
    const dhcp = `${head}\n[ipv4]\nmethod=auto\nroute-metric=50\n`;
    const fixed = mergeKeyfile(dhcp, { ...wanted, dns: ['8.8.8.8', '9.9.9.9'] });
    expect(fixed).toBe(
      `${head}\n[ipv4]\nmethod=manual\nroute-metric=50\naddress1=192.168.2.129/24\ngateway=192.168.2.130\ndns=8.8.8.8;9.9.9.9;\n`,
    );
    expect(dhcpKeyfile(fixed, wanted)).toBe(
      `${head}\n[ipv4]\nmethod=auto\nroute-metric=50\ndns=8.8.8.8;9.9.9.9;\n`,
    );
  });

  test('has no default route of any spelling when there shall be none', () => {
    expect(
      withoutDefaultRoute(
        '[ipv4]\naddress1=10.0.0.1/8,10.0.0.2\ngateway=10.0.0.3\nroute4=0.0.0.0/0,10.0.0.4\nroute5=10.9.0.0/16,10.0.0.5\n',
      ),
    ).toBe('[ipv4]\naddress1=10.0.0.1/8\nroute5=10.9.0.0/16,10.0.0.5\nnever-default=true\n');
  });

  test('keeps its line ends', () => {
    expect(mergeKeyfile('[ipv4]\r\nmethod=manual\r\n\r\n[ipv6]\r\nmethod=auto\r\n', wanted)).toBe(
      '[ipv4]\r\nmethod=manual\r\naddress1=192.168.2.129/24\r\ngateway=192.168.2.130\r\n\r\n[ipv6]\r\nmethod=auto\r\n',
    );
  });

  test('without an [ipv4] gets one', () => {
    expect(mergeKeyfile(head, wanted)).toBe(
      `${head}\n[ipv4]\nmethod=manual\naddress1=192.168.2.129/24\ngateway=192.168.2.130\n`,
    );
  });

  test('of its own has always the same uuid', () => {
    const fresh = freshKeyfile(wanted);
    expect(fresh).toBe(freshKeyfile(wanted));
    expect(readKeyfile(fresh).profile).toMatchObject({
      uuid: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      interfaceName: 'ens33',
      type: 'ethernet',
      method: 'manual',
      gateway: '192.168.2.130',
    });
    expect(readKeyfile(freshKeyfile({ ...wanted, device: 'ens37' })).profile.uuid).not.toBe(
      readKeyfile(fresh).profile.uuid,
    );
  });

  test('is read with the last of two keys, numbers in their order, and old spellings', () => {
    const { profile } = readKeyfile(
      '[connection]\nautoconnect=false\nautoconnect-priority=-999\n[ipv4]\naddress2=10.0.0.2/8\naddress1=10.0.0.1/8,10.0.0.254\naddresses=10.0.0.3;8;10.0.0.253;\naddress2=10.0.0.4/8\nmethod=auto\nmethod=manual\n',
    );
    expect(profile).toMatchObject({
      autoconnect: false,
      priority: -999,
      method: 'manual',
      gateway: '10.0.0.253',
    });
    expect(profile.addresses.map(({ target }) => target)).toEqual([
      '10.0.0.3/8',
      '10.0.0.1/8',
      '10.0.0.4/8',
    ]);
  });
});

const lines = fc.constantFrom(
  ...[
    '',
    '# a remark',
    'dns-search=lan;',
    'may-fail=false',
    'route7=10.9.0.0/16,10.0.0.5',
    'x = y',
  ],
  ...['method=auto', 'method=manual', 'never-default=true', 'dns=10.0.0.7;'],
);
const places = fc.oneof(
  hosts.map((host) => `address1=${host}/24`),
  hosts.map((host) => `address3=${host}/24,10.0.0.1`),
  hosts.map((host) => `addresses=${host};24;10.0.0.2;`),
  hosts.map((host) => `gateway=${host}`),
  hosts.map((host) => `route2=0.0.0.0/0,${host}`),
);
const keyfiles = fc
  .tuple(fc.array(fc.oneof(lines, places), { maxLength: 8 }), fc.constantFrom('\n', '\r\n'))
  .map(([ipv4, end]) =>
    ['[connection]', 'id=a', '', '[ipv4]', ...ipv4, '', '[ipv6]', 'method=auto', ''].join(end),
  );

/** The lines that say what was asked for; whatever else there is belongs to others. */
const ours = /^(address|gateway=|route\d+=0[.]0[.]0[.]0|method=|dns=|never-default=|$)/;

/** The lines that count: of a key that is written twice, the last one. */
function lastOfEach(text: string): string {
  const all = text.split('\n');
  const keyOf = (line: string): string => line.replace(/=.*$/, '=');
  return all
    .filter((line, i) => i === all.findLastIndex((other) => keyOf(other) === keyOf(line)))
    .join('\n');
}

describe('any keyfile', () => {
  test('says after an edit what was asked, in the same words after a second, and has all other lines', () => {
    fc.assert(
      fc.property(keyfiles, settingsOf('ens33'), (text, settings) => {
        const after = mergeKeyfile(text, settings);
        const { profile } = readKeyfile(after);
        expect(profile.method).toBe('manual');
        const addresses = profile.addresses.map(({ target }) => target);
        expect(addresses).toContain(`${settings.address}/${settings.prefix}`);
        const { gateway, dns } = settings;
        const [route] = profile.routes.filter(isDefault);
        const spellings = lastOfEach(after).match(
          /gateway=|^address.*(,|;\d+;)\d|=0[.]0[.]0[.]0/gm,
        );
        const found = [profile.gateway ?? route?.gateway, spellings?.length, profile.neverDefault];
        expect(gateway === undefined || isDeepStrictEqual(found, [gateway, 1, false])).toBe(true);
        expect(dns.length === 0 || isDeepStrictEqual(profile.dns, dns)).toBe(true);
        const { gone, came } = lineChanges(text, after);
        expect([...gone, ...came].filter((line) => !ours.test(line))).toEqual([]);
        expect(mergeKeyfile(after, settings)).toBe(after);
      }),
    );
  });

  test('keeps the addresses of others', () => {
    fc.assert(
      fc.property(keyfiles, settingsOf('ens33'), (text, settings) => {
        const { replaces = [], address } = settings;
        const others = readKeyfile(text)
          .profile.addresses.map(({ target }) => target)
          .filter((one) => !replaces.includes(one) && !one.startsWith(`${address}/`));
        const after = readKeyfile(mergeKeyfile(text, settings)).profile;
        expect(after.addresses.map(({ target }) => target)).toEqual(expect.arrayContaining(others));
      }),
    );
  });

  test('gets a route and loses it again, and nothing else', () => {
    fc.assert(
      fc.property(keyfiles, fc.option(fc.nat(1000), { nil: undefined }), (text, metric) => {
        const [address, gateway] = ['172.16.0.9', '192.168.2.1'];
        const route = {
          address,
          gateway,
          device: 'ens33',
          ...(metric !== undefined && { metric }),
        };
        const after = addKeyfileRoute(text, route);
        expect(addKeyfileRoute(after, route)).toBe(after);
        const found = readKeyfile(after).profile.routes;
        expect(found).toContainEqual(
          expect.objectContaining({
            target: `${address}/32`,
            gateway,
            ...(metric !== undefined && { metric }),
          }),
        );
        expect(dropKeyfileRoute(after, address)).toBe(text);
      }),
    );
  });
});
