import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type VirtualService } from '../../../src/ipvs/virtual-service.ts';
import { type Lab } from '../../../src/lab/lab.ts';
import { labOfService } from '../../../src/lab/lab-of-service.ts';
import { chooseMarks } from '../../../src/lab/marks.ts';
import { labOf, reasons } from '../../support/inventory/documented-services.ts';

function onlyService({ services }: Lab): VirtualService {
  const [service] = services;
  if (service === undefined || services.length > 1) throw new Error('not one service');
  return service;
}

describe('a service of several ports', () => {
  test('has a mark, every port, and servers that keep the ports of packets', async () => {
    const lab = await labOf([{ ports: [443, '80'], persistence: 300 }]);
    const web = onlyService(lab);
    expect(web).toMatchObject({ address: '192.168.4.133', port: 443, ports: [443, 80] });
    expect(web.options).toBe('-p 300');
    expect(web.mark).toBeGreaterThanOrEqual(1000);
    expect(web.mark).toBeLessThanOrEqual(9999);
    expect(web.destinations.map(({ port }) => port)).toEqual([0, 0]);
    expect(labOfService(lab, web).realServers.map(({ port }) => port)).toEqual([443, 443]);
  });

  test('stands beside others, which have no mark', async () => {
    const { services, realServers } = await labOf([
      { ports: [443, 80] },
      { vip: '192.168.4.140', port: 8080, servers: { rs1: { port: 81 } } },
      { protocol: 'udp', ports: [443, 53], mark: '7', servers: { rs2: { weight: 5 } } },
    ]);
    expect(services.map(({ mark }) => mark)).toEqual([services[0]?.mark, undefined, 7]);
    expect(services.map(({ ports }) => ports)).toEqual([[443, 80], undefined, [443, 53]]);
    expect(services[2]).toMatchObject({
      protocol: 'udp',
      destinations: [{ weight: 1 }, { weight: 5 }],
    });
    const [rs1] = realServers.map(({ listeners, nginx }) => ({
      listens: listeners.map(({ protocol, port }) => `${protocol} ${port}`),
      nginx,
    }));
    expect(rs1?.listens).toEqual(['tcp 443', 'tcp 80', 'tcp 81', 'udp 443', 'udp 53']);
    expect(rs1?.nginx.configureArguments).toContain('--with-stream');
  });

  test.each(['dr', 'tun'])('can be in every mode: %s', async (mode) => {
    const vip = ['lvs_mode=' + mode, 'lvs_vip=192.168.2.100', 'lvs_vip_interface=ens33'];
    const lab = await labOf(
      [{ ports: [80, 443] }, { protocol: 'udp', ports: [1, 2], one_packet: true }],
      vip,
    );
    expect(lab.services.map(({ destinations }) => destinations[0]?.port)).toEqual([0, 0]);
    expect(lab.services[1]?.options).toBe('-o');
  });

  test('lvs_real_port is for the other services', async () => {
    const lab = await labOf([{ ports: [80, 443] }, { port: 8000 }], ['lvs_real_port=8080']);
    expect(lab.realServers[0]?.listeners.map(({ port }) => port)).toEqual([80, 443, 8080]);
  });
});

describe('lists that can’t be', () => {
  test.each<[string, unknown, RegExp, (readonly string[])?]>([
    ['one port', [{ ports: [80] }], /\[1\]\.ports must be a list of 2 to 15 different ports/],
    ['no list', [{ ports: 80 }], /\[1\]\.ports must be a list of 2 to 15 different ports, not 80/],
    ['a range in words', [{ ports: ['80-90', 443] }], /\[1\]\.ports must be a list/],
    ['a port twice', [{ ports: [80, '80'] }], /\[1\]\.ports must be a list of 2 to 15 different/],
    ['a port out of range', [{ ports: [0, 80] }], /\[1\]\.ports must be a list/],
    [
      'too many ports',
      [{ ports: Array.from({ length: 16 }, (_, i) => i + 1) }],
      /\[1\]\.ports must be a list of 2 to 15/,
    ],
    ...[0, -1, 2 ** 31, 4294967295, 1.5, '1; reboot', [1]].map(
      (mark): [string, unknown, RegExp] => [
        `the mark ${JSON.stringify(mark)}`,
        [{ ports: [80, 443], mark }],
        /\[1\]\.mark must be a firewall mark, a whole number from 1 to 2147483647/,
      ],
    ),
    [
      'port and ports',
      [{}, { port: 81, ports: [82, 443] }],
      /lvs_services\[2\] has port \(81\) and ports \(82, 443\): it can have one of them \(put every port into ports\)/,
    ],
    [
      'a mark without ports',
      [{ mark: 1 }],
      /lvs_services\[1\] has the mark 1, but no ports: .*give it ports, or take the mark away/,
    ],
    [
      'the same mark twice',
      [
        { ports: [80, 443], mark: 9 },
        { protocol: 'udp', ports: [80, 443], mark: 9 },
      ],
      /the services tcp 192\.168\.4\.133:80,443 and udp 192\.168\.4\.133:80,443 have the same mark 9/,
    ],
    [
      'a port that another service has',
      [{ port: 443 }, { ports: [80, 443] }],
      /lvs_services has tcp 192\.168\.4\.133:443 in two services, tcp 192\.168\.4\.133:443 and tcp 192\.168\.4\.133:80,443/,
    ],
    [
      'a port that another service of several ports has',
      [{ ports: [80, 443] }, { ports: [8080, 443] }],
      /lvs_services has tcp 192\.168\.4\.133:443 in two services/,
    ],
    [
      'a server’s port',
      [{ ports: [80, 443], servers: { rs2: { port: 8080 } } }],
      /the service tcp 192\.168\.4\.133:80,443 has the port 8080 for "rs2": with several ports none is mapped/,
    ],
    [
      'lvs_real_port that no service has a use for',
      [{ ports: [80, 443] }],
      /rs1 has lvs_real_port 8080, but every service has several ports/,
      ['lvs_real_port=8080'],
    ],
    [
      'one_packet in LVS-NAT',
      [{ protocol: 'udp', ports: [53, 5353], one_packet: true }],
      /one_packet does not work in LVS-NAT/,
    ],
  ])('%s', async (...[, services, reason, extraVars]) => {
    const found = await reasons(services, extraVars);
    expect(found.join('\n')).toMatch(reason);
  });

  test('the same ports may be of another VIP, or of another protocol', async () => {
    expect(
      await reasons([
        { ports: [80, 443] },
        { protocol: 'udp', ports: [80, 443] },
        { vip: '192.168.4.140', ports: [443, 80] },
      ]),
    ).toEqual([]);
  });
});

describe('marks that lvslab chooses', () => {
  const entry = fc.record({
    vip: fc.integer({ min: 1, max: 250 }).map((last) => ({ value: `192.168.4.${last}` })),
    protocol: fc.constantFrom('tcp' as const, 'udp' as const),
    entry: fc
      .record({
        ports: fc.option(
          fc.uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 2, maxLength: 15 }),
          { nil: undefined },
        ),
      })
      .map((value) => ({ value })),
  });

  test('are distinct, in range, and none that somebody has given', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 50 }), (services) => {
        const first = chooseMarks(services);
        const [taken] = first.filter((mark) => mark !== undefined);
        const given = {
          vip: { value: '192.168.4.1' },
          protocol: 'tcp' as const,
          entry: { value: { ports: [1, 2], mark: taken ?? 5 } },
        };
        const marks = chooseMarks([...services, given]).filter((mark) => mark !== undefined);
        expect(new Set(marks).size).toBe(marks.length);
        expect(marks.slice(0, -1).every((mark) => mark >= 1000 && mark <= 9999)).toBe(true);
      }),
    );
  });

  test('stay when other services come and go, in whatever order, and when a higher port comes', async () => {
    const web = { ports: [80, 443] };
    const alone = (await labOf([web])).services[0]?.mark;
    const others = [
      { port: 8000 },
      { protocol: 'udp', ports: [80, 443] },
      { vip: '192.168.4.9', ports: [80, 443] },
    ];
    for (const list of [[web, ...others], [...others, web], [{ ports: [8443, 443, 80] }]]) {
      const { services } = await labOf(list);
      const same = services.find(
        ({ protocol, address, ports = [] }) =>
          protocol === 'tcp' && address === '192.168.4.133' && ports.includes(443),
      );
      expect(same?.mark).toBe(alone);
    }
  });
});
