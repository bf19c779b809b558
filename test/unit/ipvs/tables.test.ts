import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { IpvsSyntaxError } from '../../../src/ipvs/ipvs-syntax-error.ts';
import { parseProcTable } from '../../../src/ipvs/table/proc-table.ts';
import { parseSavedTable, printSavedTable } from '../../../src/ipvs/table/saved-table.ts';
import { compareTables, deltaCommand } from '../../../src/ipvs/table/table-deltas.ts';
import { type IpvsTable } from '../../../src/ipvs/virtual-service.ts';
import { arbitraryTable } from './arbitrary-table.ts';
import { SimulatedIpvsadm } from './simulated-ipvsadm.ts';

const documentedLab: IpvsTable = {
  services: [
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
  ],
  foreign: [],
};

describe('ipvsadm-save -n', () => {
  test('the documented lab', () => {
    const text = [
      '-A -t 192.168.4.133:80 -s wrr',
      '-a -t 192.168.4.133:80 -r 192.168.2.128:80 -m -w 1',
      '-a -t 192.168.4.133:80 -r 192.168.2.129:80 -m -w 2',
      '',
    ].join('\n');
    expect(parseSavedTable(text)).toEqual(documentedLab);
  });

  test('every kind of line that ipvsadm 1.31 writes', () => {
    const { services, foreign } = parseSavedTable(`
-A -t 192.168.4.133:0 -s rr -p 600 -M 255.255.255.0
-A -u 192.168.4.133:53 -s rr -o
-A --sctp-service 192.168.4.133:92 -s rr
-A -t [2001:db8::1]:80 -s mh -p 360
-a -t [2001:db8::1]:80 -r [2001:db8::2]:80 -m -w 1
-A -f 7 -s sh -b sh-fallback,sh-port
-A -f 8 -6 -s rr
-A -t 10.9.9.9:80 -s sh -b sh-port
-a -t 10.9.9.9:80 -r 192.168.2.125:80 -i -w 1 --tun-type ipip
-a -t 10.9.9.9:80 -r 192.168.2.126:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum
`);
    expect(services.map(({ options }) => options)).toEqual([
      '-p 600 -M 255.255.255.0',
      '-o',
      '-b sh-port',
    ]);
    expect(services[2]?.destinations).toEqual([
      { address: '192.168.2.125', port: 80, method: 'tunneling', weight: 1 },
      {
        address: '192.168.2.126',
        port: 80,
        method: 'tunneling',
        weight: 1,
        options: '--tun-type gue --tun-port 6080 --tun-nocsum',
      },
    ]);
    expect(foreign).toHaveLength(5);
  });

  test('a rule file written by hand, with what ipvsadm fills in itself', () => {
    const { services } = parseSavedTable(
      '# my rules\n\nipvsadm -A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.0.0.2\n--add-service --udp-service 10.0.0.1:53 -p',
    );
    expect(services).toMatchObject([
      {
        scheduler: 'wlc',
        destinations: [{ address: '10.0.0.2', port: 80, method: 'direct-routing', weight: 1 }],
      },
      { protocol: 'udp', options: '-p 360' },
    ]);
  });

  test.each([
    ['-A -t localhost:http -s rr', /line 1: 'localhost:http' is no virtual service/],
    [
      '-A -t 10.0.0.1:80 -s rr\n-A -t 10.0.0.1:80 -s wrr',
      /line 2: tcp 10.0.0.1:80 is defined twice/,
    ],
    ['-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m', /line 1: no service tcp 10.0.0.1:80/],
    ['-A -t 10.0.0.1:80 -s rr //the tutorial', /line 1: Unexpected argument/],
    ['-C', /line 1: /],
    ['-A -t 10.0.0.1:99999 -s rr', /line 1: '10.0.0.1:99999'/],
    [
      '-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w x',
      /line 2: 'x' is no weight/,
    ],
    ['IPVS_SAVE_ON_STOP="no"', /line 1: /],
  ])('%j is refused with its line', (text, message) => {
    expect(() => parseSavedTable(text)).toThrow(IpvsSyntaxError);
    expect(() => parseSavedTable(text)).toThrow(message);
  });

  describe('asked for one service', () => {
    const keys = new Set(['tcp 192.168.4.133:80']);
    const ours = printSavedTable(documentedLab);

    test.each([
      '-A -t 10.9.9.9:80 -s rr --flavour new',
      '-A -t 10.9.9.9:80 -s rr -Q\n-a -t 10.9.9.9:80 -r 10.0.0.2:80 -m -w 1',
      '-A -t 10.9.9.9:80 -s rr\n-A -t 10.9.9.9:80 -s rr',
      '-A -t 10.9.9.9:80 -s rr\n-a -t 10.9.9.9:80 -r [2001:db8::2]:80 -i -w 1 --tun-type vxlan --vni 3',
      '-a -t 192.168.4.133:443 -r 192.168.2.128:443 -m -w 99999999999',
      '-A -u 192.168.4.133:80 -s rr -p -p',
      '-A -f 7 -s sh --nothing',
      '-A --sctp-service 192.168.4.133:80 -s rr --new=1',
      '-A -t [2001:db8::1]:80 -s mh -b mh-port --new',
    ])('what can’t be read of another one makes that one foreign: %j', (lines) => {
      for (const text of [`${lines}\n${ours}`, `${ours}${lines}\n`]) {
        expect(() => parseSavedTable(text)).toThrow(IpvsSyntaxError);
        const table = parseSavedTable(text, { keys });
        expect(table.services).toEqual(documentedLab.services);
        expect(table.foreign.length).toBeGreaterThan(0);
      }
    });

    test.each([
      '-A -t 192.168.4.133:80 -s rr --flavour new',
      '-a -t 192.168.4.133:80 -r 192.168.2.130:80 -m -w x',
      `${ours}-A -t 192.168.4.133:80 -s rr`,
      '-A -t web:http -s rr',
      'ipvsadm: out of memory',
      '-A -s rr',
      '-Z what',
    ])('what may be about it is refused: %j', (text) => {
      expect(() => parseSavedTable(text, { keys })).toThrow(IpvsSyntaxError);
    });
  });

  test('what is printed reads back as the same table', () => {
    fc.assert(
      fc.property(arbitraryTable, (table) => {
        expect(parseSavedTable(printSavedTable(table))).toEqual(table);
      }),
    );
  });
});

describe('/proc/net/ip_vs', () => {
  const header = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
`;

  test('tells the same table as ipvsadm-save, newest server first', () => {
    const table = parseProcTable(`${header}TCP  C0A80485:0050 wrr  
  -> C0A80281:0050      Masq    2      0          0         
  -> C0A80280:0050      Masq    1      0          0         
`);
    expect(compareTables(table, documentedLab)).toEqual([]);
    expect(table.services[0]?.destinations[0]?.address).toBe('192.168.2.129');
  });

  const persistent = `${header}TCP  C0A80485:0000 rr  persistent 150000 FFFFFF00
  -> 0A000001:0050      Local   1      0          0
UDP  C0A80485:0035 rr ops 
FWM  00000007 sh 
  -> 0A000001:0000      Route   1      0          0
TCP  [2001:0db8:0000:0000:0000:0000:0000:0001]:0050 mh persistent 90000 80000000
`;

  test('time-outs are told in jiffies: seconds where their length is known', () => {
    const { services, foreign } = parseProcTable(persistent, { jiffiesPerSecond: 250 });
    expect(services).toMatchObject([
      { options: '-p 600 -M 255.255.255.0', destinations: [{ method: 'direct-routing' }] },
      { options: '-o' },
    ]);
    expect(foreign).toHaveLength(3);
  });

  test('and foreign with their servers where it is not', () => {
    const { services, foreign } = parseProcTable(persistent);
    expect(services).toMatchObject([{ protocol: 'udp' }]);
    expect(foreign).toHaveLength(5);
  });

  test.each([
    '',
    'cat: /proc/net/ip_vs: No such file or directory\n',
    `${header}  -> C0A80281:0050 Masq 2 0 0\n`,
  ])('%j is no table', (text) => {
    expect(() => parseProcTable(text)).toThrow(IpvsSyntaxError);
  });
});

describe('the steps from one table to another', () => {
  test('a changed weight is one complete command', () => {
    const [service] = documentedLab.services;
    const heavier = {
      services: [
        {
          ...service,
          destinations: service?.destinations.map((server) => ({ ...server, weight: 3 })),
        },
      ],
      foreign: [],
    } as IpvsTable;
    expect(compareTables(documentedLab, heavier).map(deltaCommand)).toEqual([
      'ipvsadm -e -t 192.168.4.133:80 -r 192.168.2.128:80 -m -w 3'.split(' '),
      'ipvsadm -e -t 192.168.4.133:80 -r 192.168.2.129:80 -m -w 3'.split(' '),
    ]);
  });

  test('foreign services are nobody else’s business', () => {
    const foreign = { services: [], foreign: ['-A -f 7 -s rr'] };
    expect(compareTables(foreign, { services: [], foreign: [] })).toEqual([]);
  });

  test('run by ipvsadm they give the other table, and then there are none', () => {
    fc.assert(
      fc.property(arbitraryTable, arbitraryTable, (from, to) => {
        const kernel = new SimulatedIpvsadm(from);
        for (const delta of compareTables(from, to)) kernel.run(deltaCommand(delta));
        const after = parseSavedTable(kernel.save());
        expect(new Set(kernel.save().split('\n'))).toEqual(
          new Set(printSavedTable(to).split('\n')),
        );
        expect(compareTables(after, to)).toEqual([]);
      }),
    );
  });

  test('a service that stays keeps a server at every moment, if it had one and will have one', () => {
    fc.assert(
      fc.property(arbitraryTable, arbitraryTable, (from, to) => {
        const kernel = new SimulatedIpvsadm(from);
        const hasServers = (table: IpvsTable, key: string): boolean =>
          table.services.some(
            (s) => `${s.protocol}${s.address}:${s.port}` === key && s.destinations.length > 0,
          );
        const keys = from.services.map((s) => `${s.protocol}${s.address}:${s.port}`);
        const staying = keys.filter((key) => hasServers(from, key) && hasServers(to, key));
        for (const delta of compareTables(from, to)) {
          kernel.run(deltaCommand(delta));
          const now = parseSavedTable(kernel.save());
          expect(staying.filter((key) => !hasServers(now, key))).toEqual([]);
        }
      }),
    );
  });
});
