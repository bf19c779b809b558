import { describe, expect, test } from '@jest/globals';

import director from '../../../playbooks/director.ts';
import realServers from '../../../playbooks/real-servers.ts';
import site, { gateway } from '../../../playbooks/site.ts';
import { dr } from '../../../src/lab/modes/dr.ts';
import { tun } from '../../../src/lab/modes/tun.ts';
import { nat } from '../../../src/lab/modes/nat.ts';
import { definePlaybook, type LabPlay, playbookFor } from '../../../src/playbook.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { type Lab } from '../../../src/lab/lab.ts';
import { type Facts } from '../../../src/platforms/facts/facts.ts';
import { expectGolden } from '../../support/golden.ts';
import { factsOf } from '../../support/case-resources.ts';
import { modesOf } from '../../../src/lab/lab-of-service.ts';
import { sampleContext, sampleLab, sampleLabIn } from '../../support/samples/sample-lab.ts';

const nginx = [
  'user nginx',
  'nginx started by hand at port 80',
  'nginx from source',
  'file /usr/local/nginx/html/index.html',
  'file /usr/local/nginx/conf/nginx.conf',
  'file /etc/systemd/system/nginx.service',
  'service nginx',
  'service firewalld',
  'selinux',
];
const vault = 'file /etc/yum.repos.d/lvslab-vault.repo';
const forwarding = [
  'service firewalld',
  'sysctl net.ipv4.ip_forward',
  'network interface ens33',
  'network interface ens37',
];
const table = ['kernel module ip_vs', 'packages ipvsadm', 'ipvs service tcp 192.168.4.133:80'];

test.each([
  [
    'rs1',
    'el7',
    [
      vault,
      'packages gcc make pcre-devel zlib-devel openssl-devel tar gzip',
      ...nginx,
      'network interface ens37',
    ],
  ],
  [
    'rs2',
    'debian',
    [
      'packages gcc make libc6-dev libpcre3-dev zlib1g-dev libssl-dev tar gzip',
      ...nginx,
      'network interface ens33',
    ],
  ],
  [
    'director',
    'el7',
    [...forwarding, vault, ...table, 'ipvs rules in /etc/sysconfig/ipvsadm', 'service ipvsadm'],
  ],
  [
    'director',
    'debian',
    [
      ...forwarding,
      ...table,
      'ipvs rules in /etc/ipvsadm.rules',
      'AUTO in /etc/default/ipvsadm',
      'service ipvsadm',
    ],
  ],
] as const)('%s on %s has these resources, in the tutorial’s order', (host, system, wanted) => {
  const group = host === 'director' ? 'director' : 'real_servers';
  const resources = playbookFor([nat], site)
    .plays.filter(({ hosts }) => hosts === group)
    .flatMap((play) => play.resources(sampleContext(host, factsOf[system])));
  expect(resources.map(({ id }) => id)).toEqual(wanted);
});

test('no real server gets the director as its gateway before the director forwards', () => {
  const last = site.plays.find(({ name }) => name === gateway.name);
  const forwards = site.plays.find(({ hosts }) => hosts === 'director');
  expect(last?.after).toEqual([forwards?.name]);
  expect(last?.resources(sampleContext('rs2', factsOf.el7)).map(({ id }) => id)).toEqual([
    'network interface ens33',
  ]);
});

test.each([
  ['goes through the old gateway', '10.0.5.9', '192.168.2.1', ['route to 10.0.5.9']],
  ['is the new gateway anyway', '10.0.5.9', '192.168.2.130', []],
  ['would take a client’s replies past the director', '192.168.4.132', '192.168.2.1', []],
] as const)('a way to lvslab’s own machine that %s', (_what, address, via, routes) => {
  const facts = { ...factsOf.el7, controller: { address, gateway: via, device: 'ens37' } };
  const resources = gateway.resources(sampleContext('rs1', facts));
  expect(resources.map(({ id }) => id)).toEqual([...routes, 'network interface ens37']);
});

test.each([
  ['el7', 'iptables', 'iptables'],
  ['el9', 'nftables', 'nft'],
  ['debian', 'nftables', 'nft'],
  ['ubuntu', 'nftables', 'nft'],
] as const)(
  'a service of several ports brings what marks its packets on %s',
  (system, program, filter) => {
    const { services } = sampleLab;
    const marked = services.map((service) => ({ ...service, mark: 7, ports: [80, 443] }));
    const of = (facts: Facts, lab: Lab = { ...sampleLab, services: marked }): readonly Resource[] =>
      playbookFor([nat], site)
        .plays.filter(({ hosts }) => hosts === 'director')
        .flatMap((play) => play.resources({ ...sampleContext('director', facts), lab }));
    const resources = of(factsOf[system]);
    const ids = resources.map(({ id }) => id);
    const at = ids.indexOf('ipvs service mark 7');
    expect(ids[at - 1]).toBe(`packages ${program}`);
    expect(ids.slice(at + 1, at + 4)).toEqual([
      `packet marks of ${filter}`,
      'file /etc/systemd/system/lvslab-marks.service',
      'service lvslab-marks',
    ]);
    expect(of(factsOf[system], sampleLab).map(({ id }) => id)).not.toContain(
      'service lvslab-marks',
    );
    const unit = resources[at + 2]?.aim({ kind: 'absent' });
    const content =
      unit?.kind === 'value' ? (unit.value as { readonly content: string }).content : '';
    expectGolden(`templates/lvslab-marks-${filter}.service`, content);
    const has = (...modules: readonly string[]): Facts => ({
      ...factsOf[system],
      markingModules: new Set(modules),
    });
    expect(() => of(has('xt_multiport'))).toThrow(
      expect.objectContaining({
        code: 'E_MISSING_ON_HOST',
        message: expect.stringMatching(
          filter === 'nft'
            ? /can't mark packets with nft: it has no nf_tables/
            : /can't mark packets with iptables: it has no iptable_mangle, xt_mark$/,
        ),
      }),
    );
    const all = has('nf_tables', 'iptable_mangle', 'xt_mark', 'xt_multiport');
    expect(of(all).map(({ id }) => id)).toEqual(ids);
  },
);

/** What the play of this name asks for on a host of Debian's in this lab. */
function idsIn(lab: Lab, name: string, host: string): readonly string[] {
  return playbookFor(modesOf(lab), site)
    .plays.filter((one) => one.name === name)
    .flatMap((one) => one.resources({ ...sampleContext(host, factsOf.debian), lab }))
    .map(({ id }) => id);
}

test('in LVS-DR real servers are silent before they have the VIP, and the director is told by others’ changes', () => {
  const lab = sampleLabIn(dr);
  const idsOf = (name: string, host: string) => idsIn(lab, name, host);
  expect(idsOf('give the real servers the VIP', 'rs1')).toEqual([
    'sysctl net.ipv4.conf.all.arp_ignore',
    'sysctl net.ipv4.conf.all.arp_announce',
    'address 192.168.4.133 on lo',
  ]);
  expect(idsOf('set up the director', 'director').at(-1)).toBe('owner of 192.168.4.133 on ens37');
  expect(idsOf('set up the director', 'director')).not.toContain('sysctl net.ipv4.ip_forward');
});

test('in LVS-TUN the module comes first, then silence, then the VIP, and the tunnel comes up last', () => {
  const lab = sampleLabIn(tun);
  const [play] = playbookFor([tun], site).plays.filter(
    ({ name }) => name === 'give the real servers the VIP',
  );
  for (const facts of Object.values(factsOf)) {
    const resources = play?.resources({ ...sampleContext('rs1', facts), lab });
    expect(resources?.map(({ id }) => id)).toEqual([
      'kernel module ipip',
      'sysctl net.ipv4.conf.all.arp_ignore',
      'sysctl net.ipv4.conf.all.arp_announce',
      'sysctl net.ipv4.conf.tunl0.rp_filter',
      'address 192.168.4.133 on tunl0',
      'service lvslab-tunnel-192-168-4-133.service',
      'tunnel tunl0',
    ]);
  }
  const without = { ...factsOf.debian, ipip: 'missing' as const };
  expect(() => play?.resources({ ...sampleContext('rs1', without), lab })).toThrow(
    expect.objectContaining({
      code: 'E_MISSING_ON_HOST',
      message: expect.stringContaining('6.1.0-18-amd64 has no IPIP tunnels (ipip)'),
      hint: expect.stringContaining('modprobe ipip'),
    }),
  );
});

test('of LVS-DR and LVS-TUN side by side, each VIP is where its mode has it', () => {
  const [first, second] = [sampleLabIn(dr), sampleLabIn(tun)];
  const tunneled = second.services.map((one) => ({ ...one, address: '192.168.4.140' }));
  const lab = { ...second, services: [...first.services, ...tunneled] };
  const idsOf = (name: string, host: string) => idsIn(lab, name, host);
  expect(idsOf('give the real servers the VIP', 'rs1')).toEqual([
    'kernel module ipip',
    'sysctl net.ipv4.conf.all.arp_ignore',
    'sysctl net.ipv4.conf.all.arp_announce',
    'sysctl net.ipv4.conf.tunl0.rp_filter',
    'address 192.168.4.133 on lo',
    'address 192.168.4.140 on tunl0',
    'service lvslab-tunnel-192-168-4-140.service',
    'tunnel tunl0',
  ]);
  expect(idsOf('set up the director', 'director').slice(-2)).toEqual([
    'owner of 192.168.4.133 on ens37',
    'owner of 192.168.4.140 on ens37',
  ]);
});

describe('plays that are for some modes only', () => {
  const play = (name: string, rest: Partial<LabPlay> = {}): LabPlay => {
    return { name, hosts: 'all', resources: () => [], ...rest };
  };

  test('the documented lab has all of them', () => {
    expect(playbookFor([nat], site).plays.map(({ name, after }) => [name, after ?? []])).toEqual([
      ['install nginx', []],
      ['set up the director', []],
      ['make the director the gateway', ['set up the director']],
    ]);
    for (const mode of [dr, tun])
      expect(playbookFor([mode], site).plays.map(({ name, after }) => [name, after ?? []])).toEqual(
        [
          ['install nginx', []],
          ['give the real servers the VIP', []],
          ['set up the director', ['give the real servers the VIP']],
          ['make a router the gateway', ['set up the director']],
        ],
      );
  });

  test('are left out of other labs, and nothing waits for them there', () => {
    const plays = [
      play('one'),
      play('two', { modes: ['nat'] }),
      play('three', { after: ['one', 'two'] }),
    ];
    const left = playbookFor([{ name: 'dr' }], definePlaybook({ name: 'mine', plays }));
    expect(left.name).toBe('mine');
    expect(left.plays.map(({ name, after }) => [name, after])).toEqual([
      ['one', undefined],
      ['three', ['one']],
    ]);
  });

  test('name a mode that there is', () => {
    const plays = [play('one', { modes: ['nta' as 'nat'] })];
    expect(() => playbookFor([nat], definePlaybook({ name: 'mine', plays }))).toThrow(
      expect.objectContaining({
        code: 'E_PLAYBOOK',
        message: "play 'one' is for the mode 'nta', which there isn't",
      }),
    );
  });
});

test('its parts are playbooks, too', () => {
  expect(realServers.plays).toEqual([site.plays[0]]);
  expect(site.plays[2]).toEqual({ ...director.plays[0], after: [site.plays[1]?.name] });
});

test('a director is no real server', () => {
  expect(() => realServers.plays[0]?.resources(sampleContext('director', factsOf.el7))).toThrow(
    expect.objectContaining({ code: 'E_PLAYBOOK', host: 'director' }),
  );
  expect(() => director.plays[0]?.resources(sampleContext('rs1', factsOf.el7))).toThrow(
    expect.objectContaining({ code: 'E_PLAYBOOK', host: 'rs1' }),
  );
});
