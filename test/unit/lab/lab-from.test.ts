import { readFile } from 'node:fs/promises';

import { describe, expect, test } from '@jest/globals';

import { type Lab } from '../../../src/lab/lab.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import { networksOf } from '../../../src/lab/lab-networks.ts';
import {
  type InventoryText,
  loadText,
  problemLines,
  problemsIn,
} from '../../support/inventory/load-inventory-text.ts';

const documented = await readFile(
  new URL('../../../inventory/centos7.yml', import.meta.url),
  'utf8',
);

async function lab(text: InventoryText): Promise<Lab> {
  return labFrom(await loadText(text));
}

/** Why the documented lab, changed by some variables, can't work. */
async function reasons(
  text: Omit<InventoryText, 'hosts'> & { readonly hosts?: string },
): Promise<readonly string[]> {
  return lab({ hosts: documented, ...text }).then(
    () => [],
    (error: unknown) => problemLines(problemsIn(error)),
  );
}

function hostVars(vars: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(vars).map(([host, yaml]) => [`host_vars/${host}.yml`, yaml]),
  );
}

describe('inventory/centos7.yml', () => {
  test('is the lab of the tutorial', async () => {
    const { mode, networks, ...hosts } = await lab({ hosts: documented });
    const { directors, realServers, clients, services } = hosts;
    expect(mode.name).toBe('nat');
    expect(directors).toEqual([
      {
        name: 'test3',
        outside: { device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] },
        inside: { device: 'ens33', address: '192.168.2.130', prefix: 24, dns: [] },
      },
    ]);
    expect(networks.map(({ network, attachments }) => [network.text, attachments])).toEqual([
      [
        '192.168.4.0/24',
        [
          { host: 'test3', device: 'ens37', address: '192.168.4.133' },
          { host: 'client', address: '192.168.4.132' },
        ],
      ],
      [
        '192.168.2.0/24',
        [
          { host: 'test3', device: 'ens33', address: '192.168.2.130' },
          { host: 'rs1', device: 'ens37', address: '192.168.2.128' },
          { host: 'rs2', device: 'ens33', address: '192.168.2.129' },
        ],
      ],
    ]);
    expect(realServers.map(({ nic, weight, page }) => ({ nic, weight, page }))).toEqual([
      {
        nic: {
          device: 'ens37',
          address: '192.168.2.128',
          prefix: 24,
          gateway: '192.168.2.130',
          dns: ['8.8.8.8'],
        },
        weight: 1,
        page: 'I am 192.168.2.128',
      },
      {
        nic: {
          device: 'ens33',
          address: '192.168.2.129',
          prefix: 24,
          gateway: '192.168.2.130',
          dns: ['8.8.8.8'],
        },
        weight: 2,
        page: 'I am 192.168.2.129',
      },
    ]);
    expect(realServers[0]?.nginx).toEqual({
      version: '1.16.1',
      sha256: 'f11c2a6dd1d3515736f0324857957db2de98be862461b5a542a3ac6188dbe32b',
      url: 'http://nginx.org/download/nginx-1.16.1.tar.gz',
      prefix: '/usr/local/nginx',
      user: 'nginx',
      configureArguments: ['--with-http_ssl_module'],
    });
    expect(clients).toEqual([{ name: 'client', address: '192.168.4.132' }]);
    expect(services).toEqual([
      {
        protocol: 'tcp',
        address: '192.168.4.133',
        port: 80,
        scheduler: 'wrr',
        destinations: [
          { address: '192.168.2.128', port: 80, method: 'masquerading', weight: 1 },
          { address: '192.168.2.129', port: 80, method: 'masquerading', weight: 2 },
        ],
      },
    ]);
  });
});

test('two directors share their networks; a client behind a router is in none', () => {
  const nic = (device: string, address: string) => ({ device, address, prefix: 24, dns: [] });
  const networks = networksOf({
    directors: ['a', 'b'].map((name, i) => ({
      name,
      outside: nic('eth1', `10.1.0.${i + 1}`),
      inside: nic('eth0', `10.0.0.${i + 1}`),
    })),
    realServers: [],
    clients: [{ name: 'far', address: '203.0.113.1' }],
  });
  expect(
    networks.map(({ network, attachments }) => [network.text, attachments.map(({ host }) => host)]),
  ).toEqual([
    ['10.1.0.0/24', ['a', 'b']],
    ['10.0.0.0/24', ['a', 'b']],
  ]);
});

describe('defaults', () => {
  test('addresses, weights, ports and nginx need not be said', async () => {
    const { realServers, clients, services, selinux, vaultUrl } = await lab({
      hosts: `
all:
  vars: {lvs_vip: 10.1.0.1, lvs_dip: 10.0.0.1, lvs_port: 8000}
director: {hosts: {d: {lvs_vip_interface: eth1, lvs_dip_interface: eth0}}}
real_servers:
  vars: {lvs_interface: eth0}
  hosts:
    a: {ansible_host: 10.0.0.2}
    b: {ansible_host: 10.0.0.3, lvs_weight: 0, lvs_real_port: 8080, nginx_tarball: files/nginx.tgz}
`,
    });
    expect(clients).toEqual([]);
    expect([selinux, vaultUrl]).toEqual(['disabled', 'http://vault.centos.org']);
    expect(services).toMatchObject([
      {
        port: 8000,
        scheduler: 'wrr',
        destinations: [
          { address: '10.0.0.2', port: 8000, weight: 1 },
          { address: '10.0.0.3', port: 8080, weight: 0 },
        ],
      },
    ]);
    expect(realServers[1]).toMatchObject({
      nginx: { version: '1.16.1' },
      nic: { gateway: '10.0.0.1' },
    });
    expect(realServers[1]?.nginx.tarball).toMatch(
      /^\/.*\/lvslab-inventory-[^/]*\/files\/nginx\.tgz$/,
    );
  });
});

describe('labs that can’t work', () => {
  test.each<[string, Omit<InventoryText, 'hosts'>, RegExp]>([
    [
      'RIP outside the DIP’s network',
      { files: hostVars({ rs1: 'lvs_rip: 192.168.3.128' }) },
      /^host_vars\/rs1.yml:1:1: the RIP 192.168.3.128 of rs1 is not in the network 192.168.2.0\/24 of the DIP/,
    ],
    [
      'VIP among the real servers',
      { extraVars: ['lvs_vip=192.168.2.200'] },
      /^--extra-vars\[1\]:1:1: the VIP 192.168.2.200 is in the real servers' network/,
    ],
    [
      'client among the real servers',
      { files: hostVars({ client: 'lvs_cip: 192.168.2.7' }) },
      /the CIP 192.168.2.7 of client is in the real servers' network/,
    ],
    [
      'two hosts with one address',
      { files: hostVars({ rs2: 'lvs_rip: 192.168.2.128' }) },
      /the RIP 192.168.2.128 of rs2 is already the RIP of rs1/,
    ],
    [
      'a RIP that is the DIP',
      { files: hostVars({ rs2: 'lvs_rip: 192.168.2.130' }) },
      /the RIP 192.168.2.130 of rs2 is already the DIP of test3/,
    ],
    [
      'one machine under two names',
      { files: hostVars({ rs2: 'ansible_host: 192.168.2.128' }) },
      /rs2 is reached the same way as rs1: 192.168.2.128, port 22/,
    ],
    [
      'a host reached at another’s address',
      { files: hostVars({ rs2: 'ansible_host: 192.168.2.130' }) },
      /rs2 is reached at 192.168.2.130, which is the DIP of test3/,
    ],
    [
      'two hosts on this machine',
      { extraVars: ['ansible_connection=local'] },
      /both are this machine/,
    ],
    [
      'network address',
      { extraVars: ['lvs_dip=192.168.2.0'] },
      /the DIP 192.168.2.0 of test3 is the network 192.168.2.0\/24 itself/,
    ],
    [
      'broadcast address',
      { extraVars: ['lvs_vip=192.168.4.255'] },
      /the VIP 192.168.4.255 of test3 is the broadcast address of 192.168.4.0\/24/,
    ],
    ['multicast address', { extraVars: ['lvs_vip=224.0.0.1'] }, /is a multicast address/],
    [
      'one NIC',
      { extraVars: ['lvs_vip_interface=ens33'] },
      /test3 has ens33 as lvs_vip_interface and as lvs_dip_interface/,
    ],
    ['all weights 0', { extraVars: ['lvs_weight=0'] }, /every real server has the weight 0/],
    [
      'a scheduler that there isn’t',
      { extraVars: ['lvs_scheduler=wwr'] },
      /unknown scheduler wwr \(did you mean wrr\?\)/,
    ],
    [
      'port mapping outside NAT',
      { extraVars: ['lvs_mode=tun', 'lvs_real_port=81'] },
      /rs1 listens on port 81 and the service on 80: only LVS-NAT maps ports/,
    ],
    [
      'nginx without a digest',
      { files: { 'group_vars/real_servers.yml': 'nginx_version: 1.22.1' } },
      /nginx 1.22.1 of rs1 needs its own nginx_sha256/,
    ],
    ['the same page twice', { extraVars: ['lvs_page=hello'] }, /rs2 has the same lvs_page as rs1/],
    [
      'disagreement about the lab',
      { files: hostVars({ rs2: 'lvs_dip: 192.168.2.1' }) },
      /^host_vars\/rs2.yml:1:1: lvs_dip is "192.168.2.1" for rs2 but "192.168.2.130" for test3/,
    ],
  ])('%s', async (_, changes, reason) => {
    expect(await reasons(changes)).toContainEqual(expect.stringMatching(reason));
  });

  test('what is wrong in one mode only is not held against another', async () => {
    const vip = ['lvs_vip=192.168.2.200', 'lvs_vip_interface=ens33'];
    expect(await reasons({ extraVars: [...vip, 'lvs_mode=tun'] })).toEqual([]);
    expect(await reasons({ extraVars: [...vip, 'lvs_mode=nat'] })).not.toEqual([]);
  });

  test('a director, real servers and their variables are needed, clients are not', async () => {
    expect(await reasons({ hosts: 'all: {hosts: {web: }}' })).toEqual([
      'hosts.yml:1:1: there is no group director',
      'hosts.yml:1:1: there is no group real_servers',
    ]);
    expect(
      await reasons({
        hosts: `
director: {hosts: {d: , e: }}
realservers: {hosts: {r: }}
client: {hosts: {e: }}
real_servers: {hosts: {d: }}
`,
      }),
    ).toEqual(
      expect.arrayContaining([
        'hosts.yml:2:20: d is in director and real_servers: a host has one role',
        'hosts.yml:2:25: e is a second director beside d: a lab has one',
        'hosts.yml:4:1: there is no group clients but a group client (did you mean clients?)',
      ]),
    );
  });

  test('everything that is wrong is told at once', async () => {
    const hosts = `
director: {hosts: {d: {lvs_vip: 10.0.0.9}}}
real_servers: {hosts: {a: , b: {lvs_rip: 10.0.0.1, lvs_interface: eth0, nginx_version: 1.22.1}}}
clients: {hosts: {c: {ansible_connection: local}}}
`;
    expect(await reasons({ hosts })).toMatchInlineSnapshot(`
     [
       "hosts.yml:2:20: d needs the variable lvs_dip",
       "hosts.yml:2:20: d needs the variable lvs_vip_interface",
       "hosts.yml:2:20: d needs the variable lvs_dip_interface",
       "hosts.yml:3:24: a needs the variable lvs_rip: its ansible_host is no IPv4 address",
       "hosts.yml:3:24: a needs the variable lvs_interface",
       "hosts.yml:3:73: nginx 1.22.1 of b needs its own nginx_sha256: the known one is that of 1.16.1",
       "hosts.yml:4:19: c needs the variable lvs_cip: its ansible_host is no IPv4 address",
     ]
    `);
  });
});
