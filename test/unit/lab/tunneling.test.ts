import { readFile } from 'node:fs/promises';

import { describe, expect, test } from '@jest/globals';

import { labFrom } from '../../../src/lab/lab-from.ts';
import { loadText, problemLines, problemsIn } from '../../support/inventory/load-inventory-text.ts';

const documented = await readFile(
  new URL('../../../inventory/centos7.yml', import.meta.url),
  'utf8',
);

/** One real server in another network, behind a router of its own. */
const elsewhere = {
  'host_vars/rs2.yml': 'lvs_rip: 10.0.7.129\nlvs_gateway: 10.0.7.1\n',
};

async function reasons(
  extraVars: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  return await loadText({ hosts: documented, extraVars, files })
    .then(labFrom)
    .then(
      () => '',
      (error: unknown) => problemLines(problemsIn(error)).join('\n'),
    );
}

describe('what LVS-TUN forbids', () => {
  test.each([
    [
      'the director as gateway',
      ['lvs_mode=tun', 'lvs_gateway=192.168.2.130'],
      /the lvs_gateway 192\.168\.2\.130 of rs1 is the DIP: in LVS-TUN the director drops the replies/,
    ],
    [
      'a router that a real server can’t reach',
      ['lvs_mode=tun', 'lvs_gateway=10.0.7.1'],
      /the lvs_gateway 10\.0\.7\.1 of rs1 is not in the network 192\.168\.2\.0\/24 of its RIP/,
    ],
    [
      'port mapping',
      ['lvs_mode=tun', 'lvs_real_port=81'],
      /rs1 listens on port 81 and the service on 80: only LVS-NAT maps ports/,
    ],
    [
      'one NIC and the VIP elsewhere',
      ['lvs_mode=tun', 'lvs_vip_interface=ens33'],
      /the VIP 192\.168\.4\.133 is not in the network 192\.168\.2\.0\/24 of ens33, the only NIC of test3/,
    ],
    [
      'a VIP beside the DIP on another NIC',
      ['lvs_mode=tun', 'lvs_vip=192.168.2.100'],
      /the VIP 192\.168\.2\.100 is in the network 192\.168\.2\.0\/24 of the DIP.*lvs_vip_interface to ens33/,
    ],
  ] as const)('%s', async (_, extraVars, reason) => {
    expect(await reasons(extraVars)).toMatch(reason);
  });
});

test('real servers may be in another network, which no other mode allows', async () => {
  expect(await reasons(['lvs_mode=tun'], elsewhere)).toBe('');
  expect(await reasons(['lvs_mode=dr'], elsewhere)).toMatch(/passes no router/);
  expect(await reasons(['lvs_mode=nat'], elsewhere)).toMatch(/can't be its gateway/);
  const lab = labFrom(
    await loadText({ hosts: documented, extraVars: ['lvs_mode=tun'], files: elsewhere }),
  );
  expect(lab.realServers.map(({ nic }) => nic.gateway)).toEqual([undefined, '10.0.7.1']);
  expect(lab.services[0]?.destinations.map(({ method }) => method)).toEqual([
    'tunneling',
    'tunneling',
  ]);
  expect(lab.networks.map(({ network }) => network.text)).toContain('10.0.7.0/24');
});

test('services over UDP may be scheduled packet by packet, for nobody rewrites the replies', async () => {
  const services = '{"lvs_services":[{"protocol":"udp","port":5353,"one_packet":true}]}';
  expect(await reasons(['lvs_mode=tun', services])).toBe('');
  expect(await reasons(['lvs_mode=nat', services])).toMatch(/one_packet does not work in LVS-NAT/);
});
