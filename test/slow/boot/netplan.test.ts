import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';

import {
  type NetplanBoot,
  netplanAtBoot,
  observeNetplan,
} from '../../../src/platforms/network/boot/netplan/netplan-boot.ts';
import { mergeNetplan } from '../../../src/platforms/network/formats/netplan/netplan.ts';
import { readNetplan } from '../../../src/platforms/network/formats/netplan/netplan-files.ts';
import { settingsOf } from '../../support/network/network-profiles.ts';
import { readersFolder, runBeside } from '../../support/network/real-readers.ts';

const tools = readersFolder();

function read(files: Readonly<Record<string, string>>, device = 'ens33'): NetplanBoot {
  const output = runBeside(
    tools ?? '',
    files,
    `ip link add ens33 type veth peer name to-ens33
ip link set dev ens33 address 00:50:56:00:00:33
(${observeNetplan.text})
ls -A /tmp /run/systemd 2>/dev/null | sed 's/^/left /'
`,
  );
  expect(output).not.toMatch(/^left .*tmp[.]/m);
  const view = netplanAtBoot(output, device);
  if (view.kind !== 'value') throw new Error(view.kind === 'unknown' ? view.reason : 'absent');
  return view.value;
}

const cloud = `# Changes to it will not persist across an instance reboot. To disable cloud-init's network …
network:
    version: 2
    ethernets:
        ens33:
            addresses:
            - 192.168.2.129/24
            nameservers:
                addresses: [8.8.8.8]
            gateway4: 192.168.2.1
`;

(tools === undefined ? describe.skip : describe)("netplan's own renderer", () => {
  test('joins files in the order of their names', () => {
    const view = read({
      '/etc/netplan/50-cloud-init.yaml': cloud.replace('gateway4: 192.168.2.1', 'dhcp4: true'),
      '/run/netplan/60-more.yaml': `network:\n  ethernets:\n    ens33:\n      addresses: [10.0.0.1/8]\n      gateway4: 192.168.2.7\n      dhcp4: false\n`,
      '/usr/lib/netplan/60-more.yaml': `network:\n  ethernets:\n    ens33: {gateway4: 192.168.2.9}\n`,
    });
    expect(view).toMatchObject({
      comesUp: true,
      dhcp: false,
      isByCloudInit: true,
      definition: { kind: 'ethernets', id: 'ens33', renderer: 'networkd' },
      addresses: [
        { address: '192.168.2.129/24', file: '/etc/netplan/50-cloud-init.yaml', line: 7 },
        { address: '10.0.0.1/8', file: '/run/netplan/60-more.yaml', line: 4 },
      ],
      defaultRoute: { gateway: '192.168.2.7', file: '/run/netplan/60-more.yaml', line: 5 },
      nameServers: ['8.8.8.8'],
    });
  });

  test('writes keyfiles for NetworkManager', () => {
    const view = read({
      '/etc/netplan/a.yaml': cloud.replace('network:', 'network:\n    renderer: NetworkManager'),
    });
    expect(view).toMatchObject({
      definition: { renderer: 'NetworkManager' },
      addresses: [{ address: '192.168.2.129/24', file: '/etc/netplan/a.yaml', line: 8 }],
      defaultRoute: { gateway: '192.168.2.1', line: 11 },
    });
  });

  test('finds a NIC by its hardware address, and knows ports and VLANs', () => {
    const text = `network:
  ethernets:
    lan: {match: {macaddress: "00:50:56:00:00:33"}, dhcp4: true}
  vlans:
    ens33.20: {id: 20, link: lan, addresses: [10.0.0.1/8]}
`;
    expect(read({ '/etc/netplan/a.yaml': text })).toMatchObject({
      dhcp: true,
      definition: { id: 'lan' },
    });
    expect(read({ '/etc/netplan/a.yaml': text }, 'ens33.20')).toMatchObject({
      link: 'vlan',
      addresses: [{ address: '10.0.0.1/8', line: 5 }],
    });
    const bridge = `network:\n  ethernets: {ens33: {}}\n  bridges:\n    br0: {interfaces: [ens33]}\n`;
    expect(read({ '/etc/netplan/a.yaml': bridge })).toMatchObject({ master: 'br0' });
  });

  test('has a file of networkd itself before its own', () => {
    const view = read({
      '/etc/netplan/a.yaml': cloud,
      '/etc/systemd/network/05-own.network': '[Match]\nName=ens33\n[Network]\nAddress=10.0.0.9/8\n',
    });
    expect(view.addresses).toEqual([
      { address: '10.0.0.9/8', file: '/etc/systemd/network/05-own.network', line: 4 },
    ]);
  });

  test('refuses what is no netplan, and so does this', () => {
    const wrong = cloud.replace('192.168.2.129/24', 'nonsense');
    expect(() => read({ '/etc/netplan/a.yaml': wrong })).toThrow(
      /can't render its files [(]status 1[)]: [/]etc.netplan.a[.]yaml:7:13: .*nonsense/,
    );
  });

  test('gives up on two files with a gateway4 each, and so does this', () => {
    const second = `network:\n  ethernets:\n    ens33: {gateway4: 192.168.2.7}\n`;
    expect(() => read({ '/etc/netplan/a.yaml': cloud, '/etc/netplan/b.yaml': second })).toThrow(
      /can't render its files/,
    );
  });

  test('reads edited files as they were meant', () => {
    const target = { kind: 'ethernets', id: 'ens33' } as const;
    fc.assert(
      fc.property(settingsOf('ens33'), fc.constantFrom(2, 4), (settings, indent) => {
        const second = stringify(
          {
            network: {
              ethernets: { ens33: { routes: [{ to: '10.9.0.0/16', via: '192.168.2.5' }] } },
            },
          },
          { indent },
        );
        const before = [
          { path: '/etc/netplan/50-a.yaml', text: cloud },
          { path: '/etc/netplan/60-b.yaml', text: second },
        ];
        const after = mergeNetplan(before, target, settings);
        const files = Object.fromEntries(after.map(({ path, text }) => [path, text]));
        const merged = parse(runBeside(tools ?? '', files, 'netplan get')) as {
          network: { ethernets: { ens33: Record<string, unknown> } };
        };
        const ours = readNetplan(after, []);
        if (ours.kind !== 'value') throw new Error('not to be read');
        const all = (key: string): readonly unknown[] | undefined => ours.value[0]?.values.get(key);
        expect(merged.network.ethernets.ens33).toMatchObject({
          addresses: [...new Set(all('addresses')?.flat())],
          gateway4: all('gateway4')?.at(-1),
          routes: all('routes')?.flat(),
          nameservers: all('nameservers')?.at(-1),
        });
      }),
      { numRuns: 8 },
    );
  });
});
