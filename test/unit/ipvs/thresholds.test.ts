import { describe, expect, test } from '@jest/globals';

import { expectedDistribution } from '../../../src/ipvs/distribution/expected-distribution.ts';
import { IpvsSyntaxError } from '../../../src/ipvs/ipvs-syntax-error.ts';
import { parseSavedTable, printSavedTable } from '../../../src/ipvs/table/saved-table.ts';
import { compareTables, deltaCommand } from '../../../src/ipvs/table/table-deltas.ts';
import { hasThresholds, parsePrintedTable } from '../../../src/ipvs/thresholds.ts';

const SAVED = `-A -t 192.168.4.133:80 -s rr
-a -t 192.168.4.133:80 -r 192.168.2.128:80 -m -w 1
-a -t 192.168.4.133:80 -r 192.168.2.129:80 -m -w 1
-A -u 192.168.4.133:80 -s rr
-a -u 192.168.4.133:80 -r 192.168.2.128:80 -m -w 1
-A -f 1 -s rr
-a -f 1 -r 192.168.2.128:0 -m -w 1
`;

function listing(...bounds: readonly string[]): string {
  const [a = '', b = '', c = '', d = ''] = bounds;
  return `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn
  -> RemoteAddress:Port
TCP  192.168.4.133:80 rr
  -> 192.168.2.128:80             ${a}          0          0
  -> 192.168.2.129:80             ${b}          0          0
UDP  192.168.4.133:80 rr
  -> 192.168.2.128:80             ${c}          0          0
FWM  1 rr
  -> 192.168.2.128:0              ${d}          0          0
`;
}

const commented = (text: string): string => text.replaceAll(/^/gm, '# ');

/** The options of each server. */
function optionsIn(text: string): readonly (string | undefined)[] {
  return parsePrintedTable(text).services.flatMap(({ destinations }) =>
    destinations.map(({ options }) => options),
  );
}

describe('thresholds', () => {
  test('are those of the same service and server, as the file has them', () => {
    const printed = SAVED + commented(listing('2 1', '0 0', '9 0', '5 5'));
    expect(optionsIn(printed)).toEqual(['-x 2 -y 1', undefined, '-x 9']);
    const { services, foreign } = parsePrintedTable(printed);
    expect(parseSavedTable(printSavedTable({ services, foreign }))).toEqual({ services, foreign });
  });

  test('are not known where they were not told', () => {
    expect(optionsIn(SAVED)).toEqual([undefined, undefined, undefined]);
  });

  test.each(['-1 0', '2', 'x y', '4294967296 0', ''])('are numbers, not %j', (numbers) => {
    const text = SAVED + commented(listing(numbers, '0 0', '0 0', '0 0'));
    expect(() => parsePrintedTable(text)).toThrow(IpvsSyntaxError);
  });

  test('that somebody set by hand are a difference, and are reset', () => {
    const wanted = parseSavedTable(SAVED);
    const found = parsePrintedTable(SAVED + commented(listing('2 1', '0 0', '0 0', '0 0')));
    expect(compareTables(found, wanted).map((delta) => deltaCommand(delta).join(' '))).toEqual([
      'ipvsadm -e -t 192.168.4.133:80 -r 192.168.2.128:80 -m -w 1',
    ]);
    expect(compareTables(wanted, found).map((delta) => deltaCommand(delta).join(' '))).toEqual([
      'ipvsadm -e -t 192.168.4.133:80 -r 192.168.2.128:80 -m -w 1 -x 2 -y 1',
    ]);
  });

  test('of zero in a file are none', () => {
    const text = SAVED.replace('-w 1\n', '-w 1 -x 0 -y 0\n');
    expect(parseSavedTable(text)).toEqual(parseSavedTable(SAVED));
  });

  test('leave no promise of who gets how much', () => {
    const table = parsePrintedTable(SAVED + commented(listing('2 0', '0 0', '0 0', '0 0')));
    const [tcp, udp] = table.services;
    if (tcp === undefined || udp === undefined) throw new Error('no services');
    expect([tcp, udp].map(hasThresholds)).toEqual([true, false]);
    const shares = expectedDistribution(tcp, { connections: 6 }).shares;
    expect(shares.map(({ min, max }) => [min, max])).toEqual([
      [0, 6],
      [0, 6],
    ]);
  });
});
