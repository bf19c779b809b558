import { type Readings } from '../../../src/diagnose/readings/readings.ts';
import { hostIn, type RuleCase } from './rule-case.ts';
import { changeMode, CIP, failRequests } from '../samples/sample-readings.ts';

const cases: readonly RuleCase[] = [
  {
    id: 'L01',
    name: 'another default gateway',
    hosts: ['rs1'],
    make: (readings) => {
      const rs1 = hostIn(readings, 'rs1');
      rs1.defaultRoutes = ['default via 192.168.2.2 dev ens37'];
      rs1.routes = {
        ...rs1.routes,
        [CIP]: {
          printed: `${CIP} via 192.168.2.2 dev ens37`,
          kind: 'forwarded',
          via: '192.168.2.2',
          device: 'ens37',
        },
      };
      const counted = hostIn(readings, 'director').ipvs?.after?.['192.168.2.128:80'];
      if (counted !== undefined) Object.assign(counted, { packetsIn: 12, packetsOut: 0 });
      failRequests(readings, 'timed-out', 'rs1');
    },
  },
  {
    id: 'L01',
    name: 'no default gateway on any server',
    hosts: ['rs1', 'rs2'],
    make: (readings) => {
      for (const name of ['rs1', 'rs2']) {
        const server = hostIn(readings, name);
        server.defaultRoutes = [];
        server.routes = {
          ...server.routes,
          [CIP]: { printed: 'RTNETLINK answers: Network is unreachable', kind: 'none' },
        };
      }
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L01',
    name: 'a route of its own to the client, beside the right default route',
    hosts: ['rs2'],
    make: (readings) => {
      const rs2 = hostIn(readings, 'rs2');
      rs2.routes = {
        ...rs2.routes,
        [CIP]: {
          printed: `${CIP} via 192.168.2.128 dev ens33`,
          kind: 'forwarded',
          via: '192.168.2.128',
          device: 'ens33',
        },
      };
      failRequests(readings, 'timed-out', 'rs2');
    },
  },
  {
    id: 'L02',
    name: 'a mask that is too wide',
    hosts: ['rs1'],
    make: (readings) => {
      const rs1 = hostIn(readings, 'rs1');
      rs1.addresses = [{ device: 'ens37', address: '192.168.2.128', length: 21 }];
      rs1.routes = {
        ...rs1.routes,
        [CIP]: { printed: `${CIP} dev ens37 src 192.168.2.128`, kind: 'on-link', device: 'ens37' },
      };
      failRequests(readings, 'timed-out', 'rs1');
    },
  },
  {
    id: 'L02',
    name: "a client in the real servers' network",
    hosts: ['rs1', 'rs2'],
    make: (readings) => {
      readings.lab.client.address = '192.168.2.77';
      for (const [name, device] of [
        ['rs1', 'ens37'],
        ['rs2', 'ens33'],
      ] as const) {
        const server = hostIn(readings, name);
        server.routes = {
          ...server.routes,
          '192.168.2.77': { printed: `192.168.2.77 dev ${device}`, kind: 'on-link', device },
        };
      }
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L03',
    name: 'the switch is off',
    hosts: ['director'],
    make: (readings) => {
      const director = hostIn(readings, 'director');
      director.settings = { ...director.settings, 'net.ipv4.ip_forward': '0' };
      director.countersAfter = { ...director.countersAfter, IpInAddrErrors: 24 };
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L14',
    name: 'nginx is stopped',
    hosts: ['rs2'],
    make: (readings) => {
      const rs2 = hostIn(readings, 'rs2');
      rs2.listeners = [{ address: '0.0.0.0', port: 22 }];
      rs2.units = { 'nginx.service': { load: 'loaded', active: 'inactive', enabled: 'enabled' } };
      hostIn(readings, 'director').reached = { '192.168.2.128:80': 0, '192.168.2.129:80': 7 };
      failRequests(readings, 'refused', 'rs2');
    },
  },
  {
    id: 'L14',
    name: 'masked',
    hosts: ['rs2'],
    make: (readings) => {
      const rs2 = hostIn(readings, 'rs2');
      rs2.listeners = [{ address: '0.0.0.0', port: 22 }];
      rs2.units = { 'httpd.service': { load: 'masked', active: 'inactive', enabled: 'masked' } };
      hostIn(readings, 'director').reached = { '192.168.2.128:80': 0, '192.168.2.129:80': 7 };
      failRequests(readings, 'refused', 'rs2');
    },
  },
  {
    id: 'L14',
    name: 'never started, and without a unit',
    hosts: ['rs1'],
    make: (readings) => {
      const rs1 = hostIn(readings, 'rs1');
      rs1.listeners = [{ address: '0.0.0.0', port: 22 }];
      rs1.units = { 'nginx.service': { load: 'not-found', active: 'inactive', enabled: '' } };
      refuseAtFirst(readings);
    },
  },
  {
    id: 'L24',
    name: 'on loopback alone',
    hosts: ['rs1'],
    make: (readings) => {
      hostIn(readings, 'rs1').listeners = [{ address: '127.0.0.1', port: 80 }];
      refuseAtFirst(readings);
    },
  },
  {
    id: 'L24',
    name: 'on the RIP alone, where packets are for the VIP still',
    hosts: ['rs2'],
    make: (readings) => {
      changeMode(readings, 'dr');
      hostIn(readings, 'rs2').listeners = [{ address: '192.168.2.129', port: 80 }];
      failRequests(readings, 'refused', 'rs2');
    },
  },
  {
    id: 'L25',
    name: 'the web server is on 8080',
    hosts: ['rs1'],
    make: (readings) => {
      hostIn(readings, 'rs1').listeners = [{ address: '0.0.0.0', port: 8080 }];
      refuseAtFirst(readings);
    },
  },
  {
    id: 'L27',
    name: 'disabled',
    hosts: ['rs2'],
    make: (readings) => {
      hostIn(readings, 'rs2').units = {
        'nginx.service': { load: 'loaded', active: 'active', enabled: 'disabled' },
      };
    },
  },
  {
    id: 'L27',
    name: 'started by hand',
    hosts: ['rs1', 'rs2'],
    make: (readings) => {
      for (const name of ['rs1', 'rs2']) {
        hostIn(readings, name).units = {
          'nginx.service': { load: 'not-found', active: 'inactive', enabled: '' },
        };
      }
    },
  },
  {
    id: 'L27',
    name: 'another web server, which is masked',
    hosts: ['rs2'],
    make: (readings) => {
      hostIn(readings, 'rs2').units = {
        'nginx.service': { load: 'not-found', active: 'inactive', enabled: '' },
        'httpd.service': { load: 'loaded', active: 'active', enabled: 'masked' },
      };
    },
  },
  {
    id: 'L28',
    name: 'a rule that drops',
    hosts: ['rs2'],
    make: (readings) => {
      const rule = {
        chain: 'inet filter input',
        hook: 'input',
        rule: 'tcp dport 80 drop',
        verdict: 'drop' as const,
      };
      const rs2 = hostIn(readings, 'rs2');
      rs2.filtersBefore = [{ ...rule, packets: 0 }];
      rs2.filtersAfter = [{ ...rule, packets: 9 }];
      hostIn(readings, 'director').reached = { '192.168.2.128:80': 0, '192.168.2.129:80': 28 };
      failRequests(readings, 'timed-out', 'rs2');
    },
  },
  {
    id: 'L28',
    name: 'a filter that does not tell what it stops',
    hosts: ['rs1'],
    make: (readings) => {
      delete hostIn(readings, 'rs1').filtersAfter;
      refuseAtFirst(readings);
    },
  },
  {
    id: 'L32',
    name: 'one server may not read its page',
    hosts: ['rs1'],
    make: (readings) => {
      const { asked = 0, results = [] } = readings.requests ?? {};
      const answers = results.map((result) =>
        result.server === 'rs1' ? { outcome: 'other' as const, status: 403 } : result,
      );
      readings.requests = { asked, results: answers };
    },
  },
  {
    id: 'L32',
    name: 'one that no request came to may not read its page',
    hosts: ['rs1'],
    make: (readings) => {
      const { asked = 0, results = [] } = readings.requests ?? {};
      const answers = results.map((result) => ({ ...result, server: 'rs2' }));
      readings.requests = { asked, results: answers };
      hostIn(readings, 'director').answers = { '192.168.2.128:80': 403, '192.168.2.129:80': 200 };
    },
  },
];

/** What goes wrong on hosts, beside the table. */
export function hostCases(): readonly RuleCase[] {
  return cases;
}

/** The first real server refuses the director, and with it its share of the requests. */
function refuseAtFirst(readings: Readings): void {
  hostIn(readings, 'director').reached = { '192.168.2.128:80': 7, '192.168.2.129:80': 0 };
  failRequests(readings, 'refused', 'rs1');
}
