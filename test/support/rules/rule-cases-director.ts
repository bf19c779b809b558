import { type Readings } from '../../../src/diagnose/readings/readings.ts';
import { disableUnit, hostIn, liveIn, type RuleCase, savedIn } from './rule-case.ts';
import { changeMode, CIP, failRequests, VIP } from '../samples/sample-readings.ts';

/** The service has several ports, and goes by a mark. */
function goByMark(readings: Readings): void {
  for (const service of [readings.lab.service, liveIn(readings), savedIn(readings)]) {
    service.mark = 7;
  }
  readings.lab.service.ports = [80, 443];
  hostIn(readings, 'director').marks = [MARKED];
  for (const name of ['rs1', 'rs2']) {
    hostIn(readings, name).listeners?.push({ address: '0.0.0.0', port: 443 });
  }
}

/** A rule of the director's filter that has stopped some of the requests' packets. */
function stop(
  readings: Readings,
  rule: {
    readonly chain: string;
    readonly hook: string;
    readonly rule: string;
    readonly verdict: 'drop' | 'reject';
  },
): void {
  const director = hostIn(readings, 'director');
  director.filtersBefore = [{ ...rule, packets: 2 }];
  director.filtersAfter = [{ ...rule, packets: 17 }];
}

const MARKED = '192.168.4.133 tcp 80,443 mark 7';

const cases: readonly RuleCase[] = [
  {
    id: 'L38',
    name: 'the filter was emptied',
    hosts: ['director'],
    make: (readings) => {
      goByMark(readings);
      hostIn(readings, 'director').marks = [];
      failRequests(readings, 'refused');
    },
  },
  {
    id: 'L38',
    name: 'one port is left out',
    hosts: ['director'],
    make: (readings) => {
      goByMark(readings);
      hostIn(readings, 'director').marks = [MARKED.replace('80,443', '80,8443')];
      failRequests(readings, 'refused');
    },
  },
  {
    id: 'L38',
    name: 'the unit is disabled',
    hosts: ['director'],
    make: (readings) => {
      goByMark(readings);
      disableUnit(readings, 'director', 'lvslab-marks.service');
    },
  },
  {
    id: 'L25',
    name: 'one of several ports has no listener',
    hosts: ['rs1'],
    make: (readings) => {
      goByMark(readings);
      const rs1 = hostIn(readings, 'rs1');
      rs1.listeners = rs1.listeners?.filter(({ port }) => port !== 443) ?? [];
      failRequests(readings, 'refused', 'rs1');
    },
  },
  {
    id: 'L04',
    name: 'requests are rejected',
    hosts: ['director'],
    make: (readings) => {
      stop(readings, {
        chain: 'ip filter INPUT',
        hook: 'input',
        rule: '-j REJECT --reject-with icmp-host-prohibited',
        verdict: 'reject',
      });
      failRequests(readings, 'refused');
    },
  },
  {
    id: 'L04',
    name: 'replies are dropped as invalid',
    hosts: ['director'],
    make: (readings) => {
      stop(readings, {
        chain: 'inet firewalld filter_FORWARD',
        hook: 'forward',
        rule: 'ct state { invalid } drop',
        verdict: 'drop',
      });
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L07',
    name: 'on the director, with a way back by another NIC',
    hosts: ['director'],
    make: (readings) => {
      const director = hostIn(readings, 'director');
      director.settings = { ...director.settings, 'net.ipv4.conf.all.rp_filter': '1' };
      director.countersAfter = { ...director.countersAfter, TcpExtIPReversePathFilter: 36 };
      director.routes = {
        ...director.routes,
        [CIP]: {
          printed: `${CIP} via 192.168.2.128 dev ens33`,
          kind: 'forwarded',
          via: '192.168.2.128',
          device: 'ens33',
        },
      };
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L07',
    name: 'on a real server, for what comes out of its tunnel',
    hosts: ['rs2'],
    make: (readings) => {
      changeMode(readings, 'tun');
      const rs2 = hostIn(readings, 'rs2');
      rs2.settings = { ...rs2.settings, 'net.ipv4.conf.tunl0.rp_filter': '1' };
      rs2.countersAfter = { ...rs2.countersAfter, TcpExtIPReversePathFilter: 6 };
      failRequests(readings, 'timed-out', 'rs2');
    },
  },
  {
    id: 'L07',
    name: 'on a real server whose tunnel has no address, for the VIP is on lo',
    hosts: ['rs1'],
    make: (readings) => {
      changeMode(readings, 'tun');
      const rs1 = hostIn(readings, 'rs1');
      rs1.addresses =
        rs1.addresses?.map((one) => (one.device === 'tunl0' ? { ...one, device: 'lo' } : one)) ??
        [];
      rs1.countersAfter = { ...rs1.countersAfter, TcpExtIPReversePathFilter: 6 };
      failRequests(readings, 'timed-out', 'rs1');
    },
  },
  {
    id: 'L08',
    name: 'by a table of its own',
    hosts: ['director'],
    make: (readings) => {
      const director = hostIn(readings, 'director');
      director.keepalived = ['global_defs {', '  vrrp_strict', '}'];
      const rule = {
        chain: 'ip keepalived in',
        rule: 'ip daddr @vips drop',
        verdict: 'drop' as const,
      };
      director.filtersBefore = [rule];
      director.filtersAfter = [rule];
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L09',
    name: 'both are masters',
    hosts: ['director', 'second'],
    make: (readings) => {
      changeMode(readings, 'dr');
      const unit = { load: 'loaded', active: 'active', enabled: 'enabled' };
      const director = hostIn(readings, 'director');
      director.units = { ...director.units, 'keepalived.service': unit };
      readings.hosts['second'] = {
        addresses: [{ device: 'ens37', address: VIP, length: 24 }],
        units: { 'keepalived.service': unit },
      };
    },
  },
  {
    id: 'L23',
    name: 'never set',
    hosts: ['director'],
    make: (readings) => {
      const director = hostIn(readings, 'director');
      director.addresses = director.addresses?.filter(({ address }) => address !== VIP) ?? [];
      hostIn(readings, 'client').neighbours = { [VIP]: 'failed' };
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L26',
    name: 'by hand alone',
    hosts: ['director'],
    make: (readings) => {
      hostIn(readings, 'director').bootSettings = [];
    },
  },
  {
    id: 'L26',
    name: 'a later file, in another spelling',
    hosts: ['director'],
    make: (readings) => {
      hostIn(readings, 'director').bootSettings?.push({
        file: '/etc/sysctl.d/zz-hardening.conf',
        key: 'net.ipv4.conf.all.forwarding',
        value: '0',
      });
    },
  },
  {
    id: 'L29',
    name: 'no route',
    hosts: ['director'],
    make: (readings) => {
      const director = hostIn(readings, 'director');
      director.routes = {
        ...director.routes,
        '192.168.2.128': { printed: 'RTNETLINK answers: Invalid argument', kind: 'none' },
      };
      director.reached = { '192.168.2.128:80': 7, '192.168.2.129:80': 0 };
      failRequests(readings, 'timed-out', 'rs1');
    },
  },
  {
    id: 'L29',
    name: 'a server that is off',
    hosts: ['director'],
    make: (readings) => {
      delete readings.hosts['rs2'];
      readings.unreachable = { rs2: 'no route to host' };
      const director = hostIn(readings, 'director');
      director.neighbours = { ...director.neighbours, '192.168.2.129': 'failed' };
      director.reached = { '192.168.2.128:80': 0, '192.168.2.129:80': 7 };
      failRequests(readings, 'timed-out', 'rs2');
    },
  },
  {
    id: 'L30',
    name: 'no route',
    hosts: ['director'],
    make: (readings) => {
      const director = hostIn(readings, 'director');
      director.routes = {
        ...director.routes,
        [CIP]: { printed: 'RTNETLINK answers: Network is unreachable', kind: 'none' },
      };
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L30',
    name: 'no route, where rp_filter is strict and drops what has no way back',
    hosts: ['director'],
    make: (readings) => {
      const director = hostIn(readings, 'director');
      director.routes = {
        ...director.routes,
        [CIP]: { printed: 'RTNETLINK answers: No route to host', kind: 'none' },
      };
      director.settings = { ...director.settings, 'net.ipv4.conf.all.rp_filter': '1' };
      director.countersAfter = { ...director.countersAfter, TcpExtIPReversePathFilter: 9 };
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L33',
    name: "the director's NIC to the clients",
    hosts: ['director'],
    make: (readings) => {
      const director = hostIn(readings, 'director');
      director.links =
        director.links?.map((link) => ({ ...link, up: link.device !== 'ens37' })) ?? [];
      hostIn(readings, 'client').neighbours = { [VIP]: 'failed' };
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L36',
    name: 'stopped, and not disabled',
    hosts: ['rs1'],
    make: (readings) => {
      const rs1 = hostIn(readings, 'rs1');
      rs1.units = {
        ...rs1.units,
        'firewalld.service': { load: 'loaded', active: 'inactive', enabled: 'enabled' },
      };
    },
  },
];

/** What goes wrong on the director, beside its table. */
export function directorCases(): readonly RuleCase[] {
  return cases;
}
