import { readFile } from 'node:fs/promises';

import { describe, expect, test } from '@jest/globals';

import { labFrom } from '../../../src/lab/lab-from.ts';
import { loadText, problemLines, problemsIn } from '../../support/inventory/load-inventory-text.ts';

const documented = await readFile(
  new URL('../../../inventory/centos7.yml', import.meta.url),
  'utf8',
);

describe('what LVS-DR forbids', () => {
  test.each([
    [
      'a real server in another segment',
      { extraVars: ['lvs_mode=dr', 'lvs_dip=192.168.3.130'] },
      /the RIP 192\.168\.2\.128 of rs1 is not in the network 192\.168\.3\.0\/24 of the DIP .* passes no router/,
    ],
    [
      'the director as gateway',
      { extraVars: ['lvs_mode=dr', 'lvs_gateway=192.168.2.130'] },
      /the lvs_gateway 192\.168\.2\.130 of rs1 is the DIP: in LVS-DR the director drops the replies/,
    ],
    [
      'port mapping',
      { extraVars: ['lvs_mode=dr', 'lvs_real_port=81'] },
      /rs1 listens on port 81 and the service on 80: only LVS-NAT maps ports/,
    ],
    [
      'one NIC and the VIP elsewhere',
      { extraVars: ['lvs_mode=dr', 'lvs_vip_interface=ens33'] },
      /the VIP 192\.168\.4\.133 is not in the network 192\.168\.2\.0\/24 of ens33, the only NIC of test3/,
    ],
    [
      'a VIP beside the DIP on another NIC',
      { extraVars: ['lvs_mode=dr', 'lvs_vip=192.168.2.100'] },
      /the VIP 192\.168\.2\.100 is in the network 192\.168\.2\.0\/24 of the DIP, where test3 has ens33, not ens37.*lvs_vip_interface to ens33/,
    ],
  ] as const)('%s', async (_, { extraVars }, reason) => {
    const reasons = await loadText({ hosts: documented, extraVars })
      .then(labFrom)
      .then(
        () => [],
        (error: unknown) => problemLines(problemsIn(error)),
      );
    expect(reasons.join('\n')).toMatch(reason);
  });
});

test('real servers keep their gateway, or have the router that is named', async () => {
  const gatewaysOf = async (...extraVars: readonly string[]) => {
    const lab = labFrom(await loadText({ hosts: documented, extraVars }));
    return lab.realServers.map(({ nic }) => nic.gateway);
  };
  expect(await gatewaysOf('lvs_mode=dr')).toEqual([undefined, undefined]);
  expect(await gatewaysOf('lvs_mode=dr', 'lvs_gateway=192.168.2.1')).toEqual([
    '192.168.2.1',
    '192.168.2.1',
  ]);
  // One line of the inventory changes the mode.
  expect(await gatewaysOf('lvs_gateway=192.168.2.1')).toEqual(['192.168.2.130', '192.168.2.130']);
});
