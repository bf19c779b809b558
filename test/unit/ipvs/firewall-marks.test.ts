import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { IpvsSyntaxError } from '../../../src/ipvs/ipvs-syntax-error.ts';
import { editRulesText } from '../../../src/ipvs/rules/edit-rules-text.ts';
import { readRulesText } from '../../../src/ipvs/rules/rules-text.ts';
import { parseCounters } from '../../../src/ipvs/table/counters.ts';
import { parseProcTable } from '../../../src/ipvs/table/proc-table.ts';
import { parseSavedTable, printSavedTable } from '../../../src/ipvs/table/saved-table.ts';
import { compareTables, deltaCommand } from '../../../src/ipvs/table/table-deltas.ts';
import { hasThresholds, parsePrintedTable } from '../../../src/ipvs/thresholds.ts';
import {
  MARKED_PLACE,
  portsOf,
  serviceKey,
  serviceTitle,
  type VirtualService,
  withAskedPorts,
} from '../../../src/ipvs/virtual-service.ts';

/** As an inventory has it. */
const wanted: VirtualService = {
  protocol: 'tcp',
  address: '192.168.4.133',
  port: 80,
  mark: 1,
  ports: [80, 443],
  scheduler: 'wrr',
  options: '-p 300',
  destinations: [
    { address: '192.168.2.128', port: 0, method: 'masquerading', weight: 1 },
    { address: '192.168.2.129', port: 0, method: 'masquerading', weight: 2 },
  ],
};

/** As the kernel tells it. */
const found: VirtualService = {
  ...MARKED_PLACE,
  mark: 1,
  scheduler: 'wrr',
  options: '-p 300',
  destinations: wanted.destinations,
};

const keys = new Set(['mark 1']);

const SAVED = `-A -f 1 -s wrr -p 300
-a -f 1 -r 192.168.2.128:0 -m -w 1
-a -f 1 -r 192.168.2.129:0 -m -w 2
`;

const OTHERS = `-A -f 2 -s rr
-a -f 2 -r 192.168.2.128:0 -g -w 1
-A -f 1 -6 -s rr
-a -f 1 -6 -r [2001:db8::2]:0 -g -w 1
-A -f -7 -s rr
`;

function commandsBetween(from: readonly VirtualService[], to: readonly VirtualService[]) {
  const table = (services: readonly VirtualService[]) => ({ services, foreign: [] });
  return compareTables(table(from), table(to)).map((delta) => deltaCommand(delta).join(' '));
}

describe('a service that goes by a mark', () => {
  test('is called by its mark, and by where it is asked', () => {
    expect(serviceKey(wanted)).toBe('mark 1');
    expect(serviceTitle(wanted)).toBe('192.168.4.133:80,443');
    expect(portsOf(wanted)).toEqual([80, 443]);
    expect(portsOf(found)).toEqual([0]);
  });

  test('is what ipvsadm -S prints of it, whatever stands around it', () => {
    const { services, foreign } = parseSavedTable(OTHERS + SAVED, { keys });
    expect(services).toEqual([found]);
    expect(foreign.join('\n')).toBe(OTHERS.trimEnd());
    expect(printSavedTable({ services: [wanted], foreign: [] })).toBe(SAVED);
  });

  test('is foreign to whoever asks for another, with all its lines', () => {
    for (const question of [{}, { keys: new Set(['mark 3', 'tcp 192.168.4.133:80']) }]) {
      const { services, foreign } = parseSavedTable(SAVED, question);
      expect(services).toEqual([]);
      expect(foreign).toEqual(SAVED.trimEnd().split('\n'));
    }
    expect(parseSavedTable(SAVED, { marks: new Set([1]) }).services).toEqual([found]);
  });

  test('is the same with and without its place', () => {
    expect(commandsBetween([found], [wanted])).toEqual([]);
    expect(commandsBetween([wanted], [found])).toEqual([]);
  });

  test.each<[string, readonly VirtualService[], readonly VirtualService[], readonly string[]]>([
    [
      'made',
      [],
      [wanted],
      [
        'ipvsadm -A -f 1 -s wrr -p 300',
        'ipvsadm -a -f 1 -r 192.168.2.128:0 -m -w 1',
        'ipvsadm -a -f 1 -r 192.168.2.129:0 -m -w 2',
      ],
    ],
    ['taken away', [found], [], ['ipvsadm -D -f 1']],
    [
      'set right',
      [{ ...found, scheduler: 'rr', destinations: found.destinations.slice(1) }],
      [wanted],
      ['ipvsadm -E -f 1 -s wrr -p 300', 'ipvsadm -a -f 1 -r 192.168.2.128:0 -m -w 1'],
    ],
    [
      'without a server that maps a port',
      [
        {
          ...found,
          destinations: [
            ...found.destinations,
            { address: '192.168.2.128', port: 8080, method: 'masquerading', weight: 1 },
          ],
        },
      ],
      [wanted],
      ['ipvsadm -d -f 1 -r 192.168.2.128:8080'],
    ],
  ])('is %s by commands that name the mark', (_what, from, to, commands) => {
    expect(commandsBetween(from, to)).toEqual(commands);
  });

  test('its servers are judged at a port that they are asked at', () => {
    expect(withAskedPorts(wanted).destinations.map(({ port }) => port)).toEqual([80, 80]);
    const plain = { protocol: 'tcp', address: '10.0.0.1', port: 0, scheduler: 'rr' } as const;
    expect(withAskedPorts({ ...plain, destinations: wanted.destinations }).destinations).toEqual(
      wanted.destinations,
    );
  });
});

describe('ipvsadm -S', () => {
  test.each(['+1', '01', '0000000001'])('the mark %j is read as ipvsadm reads it', (mark) => {
    expect(parseSavedTable(SAVED.replaceAll('-f 1', `-f ${mark}`), { keys }).services).toEqual([
      found,
    ]);
  });

  test.each(['0', '4294967297', '1x', '0x1', '1/2', '1.0', '99999999999'])(
    'the mark %j is nobody’s',
    (mark) => {
      const { services, foreign } = parseSavedTable(`-A -f ${mark} -s rr\n${SAVED}`, { keys });
      expect(services).toEqual([found]);
      expect(foreign).toEqual([`-A -f ${mark} -s rr`]);
    },
  );

  test('a server without a port keeps the one that packets have', () => {
    const text = SAVED.replaceAll(':0 ', ' ');
    expect(parseSavedTable(text, { keys }).services).toEqual([found]);
  });

  test('a server over IPv6 makes the whole service one that can’t be told', () => {
    const table = parseSavedTable(`${SAVED}-a -f 1 -r [2001:db8::2]:0 -i -w 1\n`, { keys });
    expect(table.services).toEqual([]);
    expect(table.foreignKeys).toEqual(['mark 1']);
  });

  test.each([`${SAVED}${SAVED}`, SAVED.split('\n').slice(1).join('\n'), `${SAVED}-a -f 1 -r x\n`])(
    'what no kernel holds is refused: %j',
    (text) => {
      expect(() => parseSavedTable(text, { keys })).toThrow(IpvsSyntaxError);
    },
  );

  test('printing and reading gives the service again, for every mark that can be asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (mark) => {
        const services = [{ ...found, mark }];
        const printed = printSavedTable({ services, foreign: [] });
        expect(parseSavedTable(printed, { marks: new Set([mark]) }).services).toEqual(services);
      }),
    );
  });
});

test('thresholds are those of the mark’s own servers, not of its namesake over IPv6', () => {
  const listing = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port            Uthreshold Lthreshold ActiveConn InActConn
  -> RemoteAddress:Port
FWM  1 wrr persistent 300
  -> 192.168.2.128:0              9          2          0          0
  -> 192.168.2.129:0              0          0          0          0
FWM  1 IPv6 rr
  -> 192.168.2.129:0              7          7          0          0
`;
  const { services } = parsePrintedTable(SAVED + listing.replaceAll(/^/gm, '# '), { keys });
  expect(services[0]?.destinations.map(({ options }) => options)).toEqual(['-x 9 -y 2', undefined]);
  expect(services.map(hasThresholds)).toEqual([true]);
});

test('/proc/net/ip_vs tells marks in hexadecimal', () => {
  const text = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
FWM  0000001F wrr 
  -> C0A80281:0000      Masq    2      0          0
  -> C0A80280:0000      Masq    1      0          0
FWM  00000007 sh 
  -> 0A000001:0000      Route   1      0          0
`;
  const { services, foreign } = parseProcTable(text, { keys: new Set(['mark 31']) });
  expect(services).toEqual([
    {
      ...MARKED_PLACE,
      mark: 31,
      scheduler: 'wrr',
      destinations: wanted.destinations.toReversed(),
    },
  ]);
  expect(foreign).toHaveLength(2);
  expect(parseProcTable(text).services).toEqual([]);
});

test('counters are those of the mark that is asked for', () => {
  const text = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes
  -> RemoteAddress:Port
FWM  1                                   6       30       24     1000     2000
  -> 192.168.2.128:0                     2       10        8      300      700
  -> 192.168.2.129:0                     4       20       16      700     1300
FWM  1 IPv6                              9        9        9        9        9
  -> [2001:db8::2]:0                     9        9        9        9        9
FWM  2                                   7        7        7        7        7
  -> 192.168.2.128:0                     7        7        7        7        7
`;
  const [counted, ...others] = parseCounters(text, { marks: new Set([1]) });
  expect(others).toEqual([]);
  expect(counted).toMatchObject({ mark: 1, connections: 6, packetsOut: 24 });
  expect(counted?.destinations.map(({ port, connections }) => [port, connections])).toEqual([
    [0, 2],
    [0, 4],
  ]);
  expect(parseCounters(text)).toEqual([]);
});

describe('the rules file', () => {
  const edit = (text: string, services: readonly VirtualService[], gone: readonly string[] = []) =>
    editRulesText(
      readRulesText(text, { keys: new Set([...services.map(serviceKey), ...gone]), ports: {} }),
      { services, gone: new Set(gone), before: [] },
    );

  test('gets the lines of the mark, and keeps all others byte for byte', () => {
    const others = '# mine\n-A -f 2  -s rr\r\n-A -f 1 -6 -s rr\n-A -f 01x -s rr\n';
    expect(edit(others, [wanted])).toBe(others + SAVED);
    expect(edit(others + SAVED, [wanted])).toBe(others + SAVED);
    expect(edit(others + SAVED, [], ['mark 1'])).toBe(others);
  });

  test('says it in other words, which stay', () => {
    const text =
      '--add-service --fwmark-service 01 -s wrr -p 300\n-a -f +1 -r 192.168.2.128 -m\n-a -f 1 -r 192.168.2.129:0 -m -w 2\n';
    expect(edit(text, [wanted])).toBe(text);
  });

  test('is set right where it says something else', () => {
    expect(edit(SAVED.replace('-s wrr', '-s rr'), [wanted])).toBe(SAVED);
  });

  test.each(['-D -f 1', '-C', '-e -f 1 -r 192.168.2.128 -g'])(
    '%j behind the service is refused',
    (line) => {
      expect(() => edit(`${SAVED}${line}\n`, [wanted])).toThrow(IpvsSyntaxError);
    },
  );
});
