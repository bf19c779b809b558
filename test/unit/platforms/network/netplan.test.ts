import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';

import {
  addNetplanRoute,
  dhcpNetplan,
  dropNetplanRoute,
  freshNetplan,
  mergeNetplan,
} from '../../../../src/platforms/network/formats/netplan/netplan.ts';
import {
  matchesGlob,
  type NetplanFile,
  readNetplan,
} from '../../../../src/platforms/network/formats/netplan/netplan-files.ts';
import { hosts, settingsOf } from '../../../support/network/network-profiles.ts';

const target = { kind: 'ethernets', id: 'ens33' } as const;
const withoutGateway = { device: 'ens33', address: '192.168.2.129', prefix: 24, dns: [] };
const wanted = { ...withoutGateway, gateway: '192.168.2.130' };

function merged(...texts: readonly string[]): readonly string[] {
  const files = texts.map((text, index) => ({ path: `/etc/netplan/${index}0-a.yaml`, text }));
  return mergeNetplan(files, target, wanted).map(({ text }) => text);
}

const cloud = `# This file is generated from information provided by the datasource.
network:
    version: 2
    ethernets:
        ens33:   # the lab
            addresses:
            - 192.168.2.129/24
            nameservers:
                addresses: [8.8.8.8, "2001:db8::53"]
            routes:
            -   to: default
                via: 192.168.2.1     # the router
        ens37: {dhcp4: true}
`;

describe("netplan's files", () => {
  test('have the gateway replaced where it stands, and nothing else', () => {
    expect(merged(cloud)).toEqual([cloud.replace('192.168.2.1 ', '192.168.2.130 ')]);
    const old = `network: {version: 2, ethernets: {ens33: {gateway4: 192.168.2.1, addresses: [ 192.168.2.129/24 ]}}} # short\n`;
    expect(merged(old)).toEqual([old.replace('192.168.2.1,', '192.168.2.130,')]);
  });

  test('keep one default route out of several files', () => {
    const second = `network:\n  ethernets:\n    ens33:\n      gateway4: 192.168.2.7\n      mtu: 1400\n`;
    expect(merged(cloud, second)).toEqual([
      cloud.replace(/ {12}routes:\n.*\n.*\n/, ''),
      second.replace('2.7', '2.130'),
    ]);
  });

  test('get one more address in the list that is there, in its own layout', () => {
    const text = cloud.replace('2.129', '2.50').replace('2.1 ', '2.130 ');
    expect(merged(text)).toEqual([
      text.replace('2.50/24\n', '2.50/24\n            - 192.168.2.129/24\n'),
    ]);
    const flow = `network:\n  ethernets:\n    ens33:\n      addresses: [192.168.2.50/24]\n      gateway4: 192.168.2.130\n`;
    expect(merged(flow)).toEqual([flow.replace('/24]', '/24, 192.168.2.129/24]')]);
  });

  test('go from DHCP to a static address and back', () => {
    const text = `network:\n  version: 2\n  ethernets:\n    ens33:\n      dhcp4: yes   # for now\n    ens37: {dhcp4: true}\n`;
    const [fixed = ''] = merged(text);
    expect(fixed).toBe(
      `network:\n  version: 2\n  ethernets:\n    ens33:\n      dhcp4: false   # for now\n      addresses:\n        - 192.168.2.129/24\n      routes:\n        - to: 0.0.0.0/0\n          via: 192.168.2.130\n    ens37: {dhcp4: true}\n`,
    );
    expect(dhcpNetplan([{ path: 'a', text: fixed }], target, wanted)).toEqual([
      { path: 'a', text: text.replace('yes', 'true') },
    ]);
  });

  test('leave alone the routes of other tables and of IPv6', () => {
    const text = `network:
  ethernets:
    ens33:
      addresses: [192.168.2.129/24]
      routes:
        - {to: default, via: 192.168.2.9, table: 100}
        - {to: default, via: "fe80::1"}
        - {to: default, via: 192.168.2.130, metric: 50}
`;
    expect(merged(text)).toEqual([text]);
  });

  test('have name servers replaced one by one, those of IPv6 stay', () => {
    const [file] = mergeNetplan([{ path: 'a', text: cloud }], target, {
      ...withoutGateway,
      dns: ['1.1.1.1', '9.9.9.9'],
    });
    expect(file?.text).toBe(
      cloud.replace('8.8.8.8, "2001:db8::53"', '1.1.1.1, "2001:db8::53", 9.9.9.9'),
    );
  });

  test('have an address with options replaced', () => {
    const text = `network:\n  ethernets:\n    ens33:\n      addresses:\n        - 192.168.2.50/24:\n            label: "ens33:x"\n        - 10.0.0.1/8\n`;
    const [file] = mergeNetplan([{ path: 'a', text }], target, {
      ...withoutGateway,
      replaces: ['192.168.2.50/24'],
    });
    expect(parse(file?.text ?? '')).toEqual({
      network: { ethernets: { ens33: { addresses: ['10.0.0.1/8', '192.168.2.129/24'] } } },
    });
  });

  test('are made for a NIC without any', () => {
    expect(freshNetplan(wanted)).toBe(
      `network:\n  version: 2\n  ethernets:\n    ens33:\n      dhcp4: false\n      addresses:\n        - 192.168.2.129/24\n      routes:\n        - to: 0.0.0.0/0\n          via: 192.168.2.130\n`,
    );
  });

  test('tell which NICs a definition is for, over all files', () => {
    const nics = [
      { device: 'ens33', mac: '00:50:56:00:00:01' },
      { device: 'ens37', mac: '00:50:56:00:00:02' },
    ];
    const files = [
      {
        path: 'a',
        text: `network:\n  renderer: NetworkManager\n  ethernets:\n    all: {match: {name: "ens*"}, dhcp4: true}\n    ens33: {dhcp4: true}\n`,
      },
      {
        path: 'b',
        text: `network:\n  ethernets:\n    one: {match: {macaddress: 00:50:56:00:00:02}, renderer: networkd}\n    ens33: {dhcp4: false}\n  bridges:\n    br0: {interfaces: [ens33]}\n`,
      },
    ];
    const read = readNetplan(files, nics);
    expect(read.kind === 'value' && read.value).toMatchObject([
      { id: 'all', devices: ['ens33', 'ens37'], renderer: 'NetworkManager' },
      { id: 'ens33', devices: ['ens33'], values: new Map([['dhcp4', [true, false]]]) },
      { id: 'one', devices: ['ens37'], renderer: 'networkd' },
      { kind: 'bridges', id: 'br0', devices: ['br0'] },
    ]);
  });

  test.each([
    ['a: [', /^a: Flow sequence/],
    ['- a', /^a: it is no mapping/],
    ['network: {ethernets: {a: &x {mtu: 1}, b: *x}}', /^a: it has aliases/],
    ['network: {ethernets: {a: {"<<": {mtu: 1}}}}', /^a: it has merge keys/],
  ])('that are beyond safe editing are unknown: %s', (text, reason) => {
    expect(readNetplan([{ path: 'a', text }], [])).toEqual({
      kind: 'unknown',
      reason: expect.stringMatching(reason),
    });
  });

  test('match names by patterns', () => {
    expect(matchesGlob('en*', 'ens33')).toBe(true);
    expect(matchesGlob('ens3[!4-9]', 'ens33')).toBe(true);
    expect(matchesGlob('ens3[!3]', 'ens33')).toBe(false);
    expect(matchesGlob('ens.?', 'ens33')).toBe(false);
    expect(matchesGlob('ens[', 'ens[')).toBe(true);
  });
});

const definitions = fc.record(
  {
    dhcp4: fc.boolean(),
    mtu: fc.constant(1400),
    addresses: fc.array(
      hosts.map((host) => `${host}/24`),
      { maxLength: 3 },
    ),
    gateway4: hosts,
    routes: fc.array(
      fc.record({ to: fc.constantFrom('default', '10.9.0.0/16', '0.0.0.0/0'), via: hosts }),
      { maxLength: 3 },
    ),
    nameservers: fc.record({ addresses: fc.array(hosts, { maxLength: 3 }) }),
    'dhcp6-overrides': fc.constant({ 'use-dns': false }),
  },
  { requiredKeys: ['mtu'] },
);
const texts = fc
  .tuple(definitions, fc.constantFrom(2, 4), fc.boolean(), fc.boolean())
  .map(([ens33, indent, indentSeq, isFlow]) =>
    isFlow
      ? `# cloud\nnetwork:\n  ethernets:\n    ens33: ${JSON.stringify(ens33)} # a remark\n    ens37: {dhcp4: true}\n`
      : stringify(
          { network: { ethernets: { ens33, ens37: { dhcp4: true } } } },
          { indent, indentSeq },
        )
          .replace(/^network:/, '# cloud\nnetwork: # a remark')
          .replace('mtu: 1400', 'mtu:    1400   # odd'),
  );

/** What the files say of ens33, joined. */
function saidIn(
  files: readonly NetplanFile[],
): Readonly<Record<'dhcp4' | 'addresses' | 'gateways' | 'dns', unknown>> {
  const read = readNetplan(files, []);
  if (read.kind !== 'value') throw new Error('not to be read');
  const values = read.value.find(({ id }) => id === 'ens33')?.values;
  const all = (key: string): readonly unknown[] => values?.get(key)?.flat() ?? [];
  const routes = all('routes') as readonly { readonly to: string; readonly via: string }[];
  const defaults = routes.filter(({ to }) => to !== '10.9.0.0/16').map(({ via }) => via);
  const servers = all('nameservers') as readonly { readonly addresses?: readonly string[] }[];
  return {
    dhcp4: all('dhcp4').at(-1) ?? false,
    addresses: all('addresses'),
    gateways: [...all('gateway4'), ...defaults],
    dns: servers.flatMap(({ addresses = [] }) => addresses),
  };
}

describe("any of netplan's files", () => {
  test('say after an edit what was asked, in the same words after a second, and keep all else', () => {
    fc.assert(
      fc.property(
        fc.array(texts, { minLength: 1, maxLength: 2 }),
        settingsOf('ens33'),
        (all, settings) => {
          const files = all.map((text, index) => ({ path: `${index}.yaml`, text }));
          const after = mergeNetplan(files, target, settings);
          const has = saidIn(after);
          const { gateway, dns } = settings;
          expect(has.dhcp4).toBe(false);
          expect(has.addresses).toContain(`${settings.address}/${settings.prefix}`);
          expect(gateway === undefined || isDeepStrictEqual(has.gateways, [gateway])).toBe(true);
          expect(dns.length === 0 || isDeepStrictEqual(has.dns, dns)).toBe(true);
          after.forEach(({ text }, index) => {
            expect(text).toContain('# cloud\n');
            expect(text).toContain('# a remark\n');
            const odd = 'mtu:    1400   # odd\n';
            expect(text.includes(odd)).toBe(all[index]?.includes(odd));
          });
          expect(mergeNetplan(after, target, settings)).toEqual(after);
        },
      ),
    );
  });

  test('get a route and lose it again', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const route = { address: '172.16.0.9', gateway: '192.168.2.1', device: 'ens33', metric: 5 };
        const after = addNetplanRoute([{ path: 'a', text }], target, route);
        expect(addNetplanRoute(after, target, route)).toEqual(after);
        expect(after[0]?.text).toContain('172.16.0.9/32');
        const [back] = dropNetplanRoute(after, target, route.address);
        const emptied = text.replace(/ *"?routes"?: *\[\],?\n?/, '');
        expect(parse(back?.text ?? '')).toEqual(parse(emptied));
      }),
    );
  });
});
