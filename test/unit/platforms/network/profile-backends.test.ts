import { describe, expect, test } from '@jest/globals';

import {
  type NetworkBackend,
  type NetworkConfig,
  type ProfileSettings,
} from '../../../../src/platforms/network/network-backend.ts';
import { netplan } from '../../../../src/platforms/network/netplan.ts';
import { networkd } from '../../../../src/platforms/network/networkd.ts';
import { nm } from '../../../../src/platforms/network/nm.ts';
import { toldFile, toldSections } from '../../../support/network/told-network.ts';

const settings: ProfileSettings = {
  device: 'ens33',
  address: '192.168.2.128',
  prefix: 24,
  gateway: '192.168.2.130',
  dns: [],
};
const route = { address: '192.168.4.132', gateway: '192.168.2.1', device: 'ens33' };
const AUTOMATIC =
  'ens37:22222222-2222-2222-2222-222222222222:/run/NetworkManager/system-connections/Wired connection 1.nmconnection';
const outside: ProfileSettings = { device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] };

const KEYFILES = '/etc/NetworkManager/system-connections';
const lan = `[connection]
id=lan
uuid=11111111-1111-1111-1111-111111111111
type=ethernet
interface-name=ens33

# ask ops
[ipv4]
address1=192.168.2.50/24,192.168.2.1
method=manual
`;

function foundBy(backend: NetworkBackend, device: string, printed: string): NetworkConfig {
  const found = backend.read(printed, device);
  if (found.kind !== 'value') throw new Error(JSON.stringify(found));
  return found.value;
}

function ofNm(
  files: Readonly<Record<string, string>>,
  beside: Readonly<Record<string, readonly string[]>> = {},
): string {
  return toldSections({
    files: Object.entries(files).map(([path, text]) => toldFile(path, text, '600')),
    others: [],
    active: [],
    timestamps: [],
    'cloud-init': [],
    ...beside,
  });
}

function ofNetworkd(files: Readonly<Record<string, string>>): string {
  const all = Object.entries(files).map(([path, text]) => toldFile(path, text));
  return toldSections({ files: all, 'cloud-init': [] });
}

function ofNetplan(
  yaml: Readonly<Record<string, string>>,
  made: Readonly<Record<string, string>>,
  cloudInit: readonly string[] = [],
): string {
  return toldSections({
    files: Object.entries(yaml).map(([path, text]) => toldFile(path, text, '600')),
    rendered: ['status 0', ...Object.entries(made).map(([path, text]) => toldFile(path, text))],
    networkd: [],
    keyfiles: [],
    'cloud-init': cloudInit,
  });
}

/** The files that are written, and what they say; aiming again from there leads nowhere else. */
function written(
  backend: NetworkBackend,
  found: NetworkConfig,
  wanted: ProfileSettings,
): Readonly<Record<string, string>> {
  const aimed = backend.aim(found, wanted);
  expect(backend.aim(aimed, wanted)).toBe(aimed);
  return Object.fromEntries(
    aimed.files.filter((file) => !found.files.includes(file)).map(({ path, text }) => [path, text]),
  );
}

describe("NetworkManager's keyfiles", () => {
  test('get the address beside others and the gateway in its place; all else stays', () => {
    const found = foundBy(nm, 'ens33', ofNm({ [`${KEYFILES}/lan.nmconnection`]: lan }));
    expect(written(nm, found, { ...settings, routes: [route] })).toEqual({
      [`${KEYFILES}/lan.nmconnection`]: lan
        .replace('192.168.2.1\n', '192.168.2.130\n')
        .replace(
          'method=manual\n',
          'method=manual\naddress2=192.168.2.128/24\nroute1=192.168.4.132/32,192.168.2.1\n',
        ),
    });
    const { boot } = nm.aim(found, settings);
    expect(boot.addresses.map(({ address }) => address)).toEqual([
      '192.168.2.50/24',
      '192.168.2.128/24',
    ]);
    expect(boot.defaultRoute).toMatchObject({ device: 'ens33', gateway: '192.168.2.130' });
  });

  test('win against a default route that another NIC may get by DHCP', () => {
    const found = foundBy(
      nm,
      'ens33',
      ofNm({ [`${KEYFILES}/lan.nmconnection`]: lan }, { active: [AUTOMATIC] }),
    );
    expect(Object.values(written(nm, found, settings)).join('')).toContain(
      'address1=192.168.2.50/24\nmethod=manual\naddress2=192.168.2.128/24\nroute1=0.0.0.0/0,192.168.2.130,50\n',
    );
    expect(Object.values(written(nm, found, outside)).join('')).not.toContain('0.0.0.0');
  });

  test('are made where there are none, or only one for all NICs, which stays', () => {
    const none = foundBy(nm, 'ens37', ofNm({}));
    expect(Object.keys(written(nm, none, outside))).toEqual([
      `${KEYFILES}/lvslab-ens37.nmconnection`,
    ]);
    const all = { [`${KEYFILES}/any.nmconnection`]: lan.replace('interface-name=ens33\n', '') };
    const timestamps = ['11111111-1111-1111-1111-111111111111=1700000000'];
    const shared = foundBy(nm, 'ens33', ofNm(all, { timestamps }));
    const own = written(nm, shared, settings);
    expect(Object.keys(own)).toEqual([`${KEYFILES}/lvslab-ens33.nmconnection`]);
    expect(Object.values(own).join('')).toMatch(/autoconnect-priority=1\n(.|\n)*# ask ops/);
    expect(nm.aim(shared, settings).boot).toMatchObject({ comesUp: true, conflicts: [] });
  });

  test("are not netplan's or of another form: a conflict says whose", () => {
    const rendered = { '/run/NetworkManager/system-connections/netplan-ens33': lan };
    const byNetplan = foundBy(nm, 'ens33', ofNm(rendered));
    expect(
      nm
        .aim(byNetplan, settings)
        .boot.conflicts.map(({ why }) => why)
        .join(),
    ).toContain('netplan');
    const told = Buffer.from('/etc/sysconfig/network-scripts/ifcfg-ens33').toString('base64');
    const others = [
      `file ${told}`,
      'line connection.uuid:1',
      'line connection.type:802-3-ethernet',
      'line connection.interface-name:ens33',
      'line ipv4.method:manual',
    ];
    const ifcfg = foundBy(nm, 'ens33', ofNm({}, { others }));
    expect(nm.aim(ifcfg, settings).boot.conflicts[0]?.file).toContain('ifcfg-ens33');
  });

  test('of wireless networks and tunnels are not even read, for they hold passwords', () => {
    const wifi = '[connection]\nid=w\ntype=wifi\n[wifi-security]\npsk=secret\n';
    const found = foundBy(nm, 'ens33', ofNm({ [`${KEYFILES}/w.nmconnection`]: wifi }));
    expect(JSON.stringify(found)).not.toContain('secret');
  });
});

describe("networkd's files", () => {
  const own =
    '[Match]\nName=ens33\n\n[Network]\n; office\nAddress=192.168.2.50/24\nGateway=192.168.2.1\n';

  test('are edited in place in /etc, and hidden by one of the same name where they come from elsewhere', () => {
    const etc = foundBy(
      networkd,
      'ens33',
      ofNetworkd({ '/etc/systemd/network/10-lan.network': own }),
    );
    expect(Object.keys(written(networkd, etc, settings))).toEqual([
      '/etc/systemd/network/10-lan.network',
    ]);
    expect(Object.values(written(networkd, etc, settings)).join('')).toContain('; office\n');
    const run = foundBy(
      networkd,
      'ens33',
      ofNetworkd({ '/run/systemd/network/10-lan.network': own }),
    );
    expect(Object.keys(written(networkd, run, settings))).toEqual([
      '/etc/systemd/network/10-lan.network',
    ]);
  });

  test('for several NICs are no place for an address: the NIC gets one that is read before', () => {
    const all = own.replace('ens33', 'ens*');
    const found = foundBy(
      networkd,
      'ens33',
      ofNetworkd({
        '/etc/systemd/network/00-all.network': all,
        '/etc/systemd/network/00-all.network.d/dns.conf': '[Network]\nDNS=9.9.9.9\n',
      }),
    );
    const files = written(networkd, found, settings);
    expect(Object.keys(files)).toEqual(['/etc/systemd/network/00-0-lvslab-ens33.network']);
    expect(Object.values(files).join('')).toMatch(/Name=ens33\n(.|\n)*DNS=9\.9\.9\.9/);
    expect(networkd.aim(found, settings).boot.defaultRoute?.gateway).toBe('192.168.2.130');
  });

  test('by netplan are a conflict', () => {
    const found = foundBy(
      networkd,
      'ens33',
      ofNetworkd({ '/run/systemd/network/10-netplan-ens33.network': own }),
    );
    expect(networkd.aim(found, settings).boot.conflicts[0]?.why).toContain('netplan');
  });
});

describe("netplan's files", () => {
  const header = '# This file is generated from information provided by the datasource.\n';
  const yaml = `network:
  version: 2
  ethernets:
    ens33:
      addresses:
      - 192.168.2.50/24 # people
      routes:
      - to: default
        via: 192.168.2.1
`;
  const made = {
    'run/systemd/network/10-netplan-ens33.network':
      '[Match]\nName=ens33\n\n[Network]\nAddress=192.168.2.50/24\n\n[Route]\nDestination=0.0.0.0/0\nGateway=192.168.2.1\n',
  };

  test('get the settings of two NICs one after the other, in one file', () => {
    const file = '/etc/netplan/50-lan.yaml';
    const both = yaml.replace('    ens33:\n', '    ens37:\n      dhcp4: true\n    ens33:\n');
    const found = foundBy(netplan, 'ens33', ofNetplan({ [file]: both }, made));
    const first = netplan.aim(found, settings);
    const second = netplan.aim(first, outside);
    const text = second.files.find(({ path }) => path === file)?.text ?? '';
    for (const words of [
      '192.168.2.128/24',
      '192.168.4.133/24',
      'via: 192.168.2.130',
      '# people',
    ]) {
      expect(text).toContain(words);
    }
  });

  test("are kept from cloud-init where it may write them again; where it isn't there, nothing is written for it", () => {
    const files = { '/etc/netplan/50-cloud-init.yaml': header + yaml };
    const paths = (told: readonly string[]) =>
      Object.keys(
        written(netplan, foundBy(netplan, 'ens33', ofNetplan(files, made, told)), settings),
      );
    expect(paths(['on'])).toEqual([
      '/etc/netplan/50-cloud-init.yaml',
      '/etc/cloud/cloud.cfg.d/99-lvslab-network.cfg',
    ]);
    // It is seen again, so that a teardown takes it away.
    const switched = toldFile(
      '/etc/cloud/cloud.cfg.d/99-lvslab-network.cfg',
      'network: {config: disabled}',
    );
    const told = `${ofNetplan(files, made, ['off'])}cloud-init switch\n ${switched}\n`;
    expect(foundBy(netplan, 'ens33', told).files.map(({ path }) => path)).toContain(
      '/etc/cloud/cloud.cfg.d/99-lvslab-network.cfg',
    );
    expect(paths(['off'])).toEqual(['/etc/netplan/50-cloud-init.yaml']);
    expect(paths([])).toEqual(['/etc/netplan/50-cloud-init.yaml']);
  });

  test('outside /etc, and definitions for several NICs, are conflicts', () => {
    const shipped = foundBy(
      netplan,
      'ens33',
      ofNetplan({ '/lib/netplan/50-lan.yaml': yaml }, made),
    );
    expect(netplan.aim(shipped, settings).boot.conflicts[0]?.file).toBe('/lib/netplan/50-lan.yaml');
    const all = yaml.replace('ens33:', 'lan:\n      match: {name: "ens*"}');
    const shared = foundBy(netplan, 'ens33', ofNetplan({ '/etc/netplan/50-lan.yaml': all }, made));
    expect(netplan.aim(shared, settings).boot.conflicts[0]?.why).toContain('ens37');
  });

  test('have a metric where NetworkManager would choose one by chance', () => {
    const rendered = {
      'run/NetworkManager/system-connections/netplan-ens33.nmconnection': lan,
    };
    const text = yaml
      .replace('version: 2\n', 'version: 2\n  renderer: NetworkManager\n')
      .replace('    ens33:\n', '    ens37:\n      dhcp4: true\n    ens33:\n');
    const found = foundBy(netplan, 'ens33', ofNetplan({ '/etc/netplan/1.yaml': text }, rendered));
    expect(Object.values(written(netplan, found, settings)).join('')).toMatch(
      /via: 192\.168\.2\.130\n\s+metric: 50/,
    );
  });
});
