import { describe, expect, test } from '@jest/globals';

import { parseCounters } from '../../../src/ipvs/table/counters.ts';
import { IpvsSyntaxError } from '../../../src/ipvs/ipvs-syntax-error.ts';

const header = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
`;

describe('ipvsadm -Ln --stats', () => {
  test('a service with its servers', () => {
    const counters =
      parseCounters(`${header}TCP  192.168.4.133:80                    7       43       43     2819     3896
  -> 192.168.2.128:80                    2       13       13      834     1156
  -> 192.168.2.129:80                    5       30       30     1985     2740
FWM  7                                   9        9        9        9        9
  -> 192.168.2.129:80                    9        9        9        9        9
`);
    expect(counters).toHaveLength(1);
    expect(counters[0]).toMatchObject({
      protocol: 'tcp',
      address: '192.168.4.133',
      connections: 7,
      bytesOut: 3896,
    });
    expect(
      counters[0]?.destinations.map(({ address, connections }) => [address, connections]),
    ).toEqual([
      ['192.168.2.128', 2],
      ['192.168.2.129', 5],
    ]);
  });

  test('rounded numbers', () => {
    const [service] = parseCounters(`${header}UDP 10.0.0.1:53 100000K 0 2M 3G 4T\n`);
    expect(service).toMatchObject({
      connections: 1e8,
      packetsIn: 0,
      packetsOut: 2e6,
      bytesIn: 3e9,
      bytesOut: 4e12,
    });
  });

  test.each([
    '',
    `${header}TCP 10.0.0.1:80 1 2 3\n`,
    `${header}TCP 10.0.0.1:80 1 2 3 4 5X\n`,
    `${header}TCP web:http 1 2 3 4 5\n`,
  ])('%j is refused', (text) => {
    expect(() => parseCounters(text)).toThrow(IpvsSyntaxError);
  });
});
