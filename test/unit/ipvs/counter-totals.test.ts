import { describe, expect, test } from '@jest/globals';

import { IpvsSyntaxError } from '../../../src/ipvs/ipvs-syntax-error.ts';
import { kernelTotals, listedTotals } from '../../../src/ipvs/table/counter-totals.ts';

const header = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
`;

const NOTHING = { connections: 0, packetsIn: 0, packetsOut: 0 };

describe('the sums of a listing', () => {
  test('of services of every kind, and of their servers apart', () => {
    expect(
      listedTotals(`${header}TCP  192.168.4.133:80       7  43  42  2819  3896
  -> 192.168.2.128:80       2  13  13   834  1156
  -> 192.168.2.129:80       4  29  28  1985  2740
TCP  [2001:db8::1]:80       5   6   7     8     9
  -> [2001:db8::2]:80       5   6   7     8     9
FWM  7                      1   1   1     1     1
FWM  8 IPv6                 1   0   0     1     1
`),
    ).toEqual({
      services: { connections: 14, packetsIn: 50, packetsOut: 50 },
      servers: { connections: 11, packetsIn: 48, packetsOut: 48 },
    });
  });

  test('of an empty table', () => {
    expect(listedTotals(header)).toEqual({ services: NOTHING, servers: NOTHING });
  });

  test.each([
    '',
    'ipvsadm: not found',
    `${header}TCP 10.0.0.1:80 1 2 3\n`,
    `${header}FWM 7 1 2 3 4 5K\n`,
  ])('%j is refused', (text) => {
    expect(() => listedTotals(text)).toThrow(IpvsSyntaxError);
  });
});

describe('/proc/net/ip_vs_stats_percpu', () => {
  const head = `       Total Incoming Outgoing         Incoming         Outgoing
CPU    Conns  Packets  Packets            Bytes            Bytes
`;
  const foot = `
     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s
           3       1F        0                0                0
`;

  test("adds its processors up, in hexadecimal, and tells the estimator's sum", () => {
    const text = `${head}  0       1A       FF       10              45A              9E5
 1F        1        1        0                0                0
  ~        4       19       15              45A              9E5
${foot}`;
    expect(kernelTotals(text)).toEqual({
      current: { connections: 27, packetsIn: 256, packetsOut: 16 },
      estimated: { connections: 4, packetsIn: 25, packetsOut: 21 },
    });
  });

  test.each([
    '',
    'cat: no such file',
    head,
    `${head}${foot}`,
    `${head}  0 1 2 3 4 5\n`,
    `${head}  0 1 2 3 4 -5\n  ~ 1 2 3 4\n`,
    `${head}  ~ 1 2 3 4 5\n`,
  ])('%j tells nothing', (text) => {
    expect(kernelTotals(text)).toBeUndefined();
  });
});
