import { describe, expect, test } from '@jest/globals';

import { labOfService, modesOf, vipDeviceOf } from '../../../src/lab/lab-of-service.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import { documented, labOf, reasons } from '../../support/inventory/documented-services.ts';
import { loadText } from '../../support/inventory/load-inventory-text.ts';

test('an empty entry is the service of the flat variables', async () => {
  const short = labFrom(await loadText({ hosts: documented }));
  expect((await labOf([{}])).services).toEqual(short.services);
});

test('each service has its own address, options, ports and weights', async () => {
  const lab = await labOf([
    { scheduler: 'rr', persistence: '300', persistence_netmask: '255.255.255.0' },
    {
      vip: '192.168.4.140',
      port: 8080,
      scheduler: 'sh',
      scheduler_flags: ['sh-port', 'sh-fallback'],
      servers: {
        rs1: { weight: 0, port: 81 },
        rs2: { weight: 7, upper_threshold: '100', lower_threshold: 80 },
      },
    },
    { protocol: 'udp', port: 5353, scheduler: 'wlc' },
  ]);
  expect(
    lab.services.map(({ protocol, address, port, scheduler, options }) =>
      [protocol, address, port, scheduler, options].join(' ').trim(),
    ),
  ).toEqual([
    'tcp 192.168.4.133 80 rr -p 300 -M 255.255.255.0',
    'tcp 192.168.4.140 8080 sh -b sh-fallback,sh-port',
    'udp 192.168.4.133 5353 wlc',
  ]);
  const [, second] = lab.services;
  expect(second?.destinations.map(({ port, weight }) => [port, weight])).toEqual([
    [81, 0],
    [8080, 7],
  ]);
  expect(second?.destinations.map(({ options }) => options)).toEqual([undefined, '-x 100 -y 80']);
  if (second === undefined) throw new Error('no service');
  expect(
    labOfService(lab, second).realServers.map(({ name, port, weight }) => [name, port, weight]),
  ).toEqual([
    ['rs1', 81, 0],
    ['rs2', 8080, 7],
  ]);
  expect(lab.directors[0]?.outside.address).toBe('192.168.4.133');
  expect(lab.directors[0]?.loopback).toEqual(['192.168.4.140']);
  const [rs1, rs2] = lab.realServers;
  expect(rs1?.listeners.map(({ protocol, port }) => `${protocol} ${port}`)).toEqual([
    'tcp 80',
    'tcp 81',
    'udp 5353',
  ]);
  expect(rs2?.listeners.map(({ protocol, port }) => `${protocol} ${port}`)).toEqual([
    'tcp 80',
    'tcp 8080',
    'udp 5353',
  ]);
  expect(rs2?.nginx.configureArguments).toEqual(['--with-http_ssl_module', '--with-stream']);
});

test('a mask that leaves each client alone is no option', async () => {
  const lab = await labOf([{ persistence: 60, persistence_netmask: '255.255.255.255' }]);
  expect(lab.services[0]?.options).toBe('-p 60');
});

test('in LVS-DR a director with one NIC has every VIP on its loopback device', async () => {
  const lab = await labOf(
    [{ vip: '192.168.2.100' }, { vip: '192.168.2.101' }, { vip: '192.168.2.100', port: 443 }],
    ['lvs_mode=dr', 'lvs_vip_interface=ens33'],
  );
  const [director] = lab.directors;
  expect(director?.loopback).toEqual(['192.168.2.100', '192.168.2.101']);
  expect(director?.outside).toBe(director?.inside);
  expect(lab.networks.flatMap(({ attachments }) => attachments.map(({ host }) => host))).toEqual([
    'test3',
    'rs1',
    'rs2',
  ]);
  expect(
    lab.services.flatMap(({ destinations }) => destinations.map(({ method }) => method)),
  ).toEqual(Array(6).fill('direct-routing'));
});

test('services of LVS-DR and LVS-TUN go side by side, each on a VIP of its own', async () => {
  const lab = await labOf([{ mode: 'dr' }, { vip: '192.168.4.140', mode: 'tun' }]);
  expect(lab.mode.name).toBe('tun');
  expect(modesOf(lab).map(({ name }) => name)).toEqual(['dr', 'tun']);
  expect(vipDeviceOf(lab, '192.168.4.133')).toBe('lo');
  expect(vipDeviceOf(lab, '192.168.4.140')).toBe('tunl0');
  expect(
    lab.services.map((service) => [
      service.destinations.map(({ method }) => method),
      labOfService(lab, service).mode.name,
    ]),
  ).toEqual([
    [['direct-routing', 'direct-routing'], 'dr'],
    [['tunneling', 'tunneling'], 'tun'],
  ]);
});

test('the mode of a service outdoes that of the lab, which an entry without one has', async () => {
  const one = await labOf([{ mode: 'dr' }]);
  expect([one.mode.name, one.realServers[0]?.nic.gateway]).toEqual(['dr', undefined]);
  const two = await labOf([{}, { port: 8080, mode: 'dr' }], ['lvs_mode=dr']);
  expect(modesOf(two).map(({ name }) => name)).toEqual(['dr']);
});

describe('lists that can’t be', () => {
  test.each<[string, unknown, RegExp, (readonly string[])?]>([
    ['no list', 'web', /lvs_services must be a list of 1 to 50 services, not "web"/],
    ['nothing in it', [], /lvs_services must be a list of 1 to 50 services, not \[\]/],
    ['an entry that is none', [{}, 'web'], /lvs_services\[2\] must be a mapping$/],
    ['an unknown word', [{ weihgt: 1 }], /lvs_services\[1\] has no "weihgt"; there are vip, port/],
    [
      'a port out of range',
      [{}, { port: 70000 }],
      /lvs_services\[2\]\.port must be a port .* not 70000/,
    ],
    [
      'a command for a scheduler',
      [{ scheduler: 'rr; reboot' }],
      /lvs_services\[1\]\.scheduler must be the name of a scheduler, not "rr; reboot"/,
    ],
    ['an unknown scheduler', [{ scheduler: 'rrr' }], /unknown scheduler rrr \(did you mean rr/],
    [
      'a weight out of range',
      [{ servers: { rs1: { weight: 65536 } } }],
      /lvs_services\[1\]\.servers\.rs1\.weight must be a whole number from 0 to 65535, not 65536/,
    ],
    [
      'a threshold out of range',
      [{ servers: { rs1: { upper_threshold: 2147483648 } } }],
      /servers\.rs1\.upper_threshold must be a number of connections, from 0 to 2147483647, not/,
    ],
    [
      'thresholds the wrong way round',
      [{ servers: { rs1: { upper_threshold: 5, lower_threshold: 6 } } }],
      /has a lower_threshold of 6 for "rs1", above its upper_threshold of 5/,
    ],
    [
      'a lower threshold alone',
      [{}, { port: 81, servers: { rs2: { lower_threshold: 1 } } }],
      /tcp 192\.168\.4\.133:81 has a lower_threshold of 1 for "rs2"/,
    ],
    [
      'no server of the lab',
      [{ servers: { rs3: {} } }],
      /names "rs3", which is no real server \(did you mean rs1/,
    ],
    [
      'an unknown mode',
      [{ mode: 'fullnat' }],
      /lvs_services\[1\]\.mode must be nat, dr or tun, not "fullnat"/,
    ],
    [
      'replies that would have to take two ways',
      [{}, { port: 8080, mode: 'dr' }],
      /tcp 192\.168\.4\.133:80 is in LVS-NAT and tcp 192\.168\.4\.133:8080 in LVS-DR: in LVS-NAT the way back of a real server leads through the DIP, in LVS-DR it leads past the director, and it has one$/,
    ],
    [
      'a VIP that would have to be on two devices',
      [{ mode: 'dr' }, { port: 8080, mode: 'tun' }],
      /a real server has the VIP either on lo or on tunl0 \(give one of them a vip of its own\)/,
    ],
    [
      'a real server behind a router, for the service of LVS-DR alone',
      [{ mode: 'dr' }, { vip: '192.168.4.140', mode: 'tun' }],
      /the RIP 10\.0\.0\.9 of rs2 is not in the network 192\.168\.2\.0\/24 of the DIP/,
      ['{"lvs_gateway": "10.0.0.1"}', '{"lvs_rip": "10.0.0.9"}'],
    ],
    [
      'another port than that of a service in LVS-DR',
      [{ mode: 'dr', servers: { rs1: { port: 81 } } }],
      /rs1 listens on port 81 and the service on 80: only LVS-NAT maps ports/,
    ],
    [
      'no mask',
      [{ persistence: 1, persistence_netmask: '255.0.255.0' }],
      /persistence_netmask must be a network mask such as 255\.255\.255\.0/,
    ],
    [
      'a mask of nothing',
      [{ persistence_netmask: '255.255.0.0' }],
      /but no persistence that it could be of/,
    ],
    [
      'another one’s flag',
      [{ scheduler: 'mh', scheduler_flags: ['sh-port'] }],
      /the flag sh-port, which only sh knows/,
    ],
    [
      'a TCP service by packets',
      [{ one_packet: true }],
      /a TCP connection is more than one packet/,
    ],
    [
      'packets in LVS-NAT',
      [{ protocol: 'udp', one_packet: 'yes' }],
      /one_packet does not work in LVS-NAT: /,
    ],
    ['one service twice', [{}, { port: 80 }], /lvs_services has tcp 192\.168\.4\.133:80 twice/],
    [
      'a VIP elsewhere',
      [{}, { vip: '10.0.0.1' }],
      /the VIP 10\.0\.0\.1 is not in the network 192\.168\.4\.0\/24/,
    ],
    [
      'a VIP that is a CIP',
      [{}, { vip: '192.168.4.132' }],
      /the CIP 192\.168\.4\.132 of client is already the VIP/,
    ],
    [
      'nobody left',
      [{}, { port: 81, servers: { rs1: { weight: 0 }, rs2: { weight: 0 } } }],
      /every real server has the weight 0 in the service tcp 192\.168\.4\.133:81/,
    ],
    [
      'ports mapped where nothing maps them',
      [{}, { port: 81, servers: { rs2: { port: 82 } } }],
      /rs2 listens on port 82 and the service on 81: only LVS-NAT maps ports/,
      ['lvs_mode=dr'],
    ],
    // With four named parameters, rows of three would get a callback in the last one, and wait for its call.
  ])('%s', async (...[, services, reason, extraVars]) => {
    expect((await reasons(services, extraVars)).join('\n')).toMatch(reason);
  });
});
