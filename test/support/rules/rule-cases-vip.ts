import { hostIn, type RuleCase } from './rule-case.ts';
import { changeMode, failRequests, VIP } from '../samples/sample-readings.ts';

const cases: readonly RuleCase[] = [
  {
    id: 'L05',
    name: 'the client has its MAC address',
    hosts: ['rs2'],
    make: (readings) => {
      changeMode(readings, 'dr');
      const rs2 = hostIn(readings, 'rs2');
      rs2.settings = {
        ...rs2.settings,
        'net.ipv4.conf.all.arp_ignore': '0',
        'net.ipv4.conf.lo.arp_ignore': '1',
      };
      hostIn(readings, 'client').neighbours = { [VIP]: '00:0c:29:53:71:81' };
    },
  },
  {
    id: 'L05',
    name: 'arp_announce was left out',
    hosts: ['rs1'],
    make: (readings) => {
      changeMode(readings, 'dr');
      const rs1 = hostIn(readings, 'rs1');
      rs1.settings = { ...rs1.settings, 'net.ipv4.conf.all.arp_announce': '0' };
    },
  },
  {
    id: 'L06',
    name: 'on no interface',
    hosts: ['rs1'],
    make: (readings) => {
      changeMode(readings, 'dr');
      const rs1 = hostIn(readings, 'rs1');
      rs1.addresses = rs1.addresses?.filter(({ address }) => address !== VIP) ?? [];
      failRequests(readings, 'timed-out', 'rs1');
    },
  },
  {
    id: 'L06',
    name: 'with /24 on lo',
    hosts: ['rs2'],
    make: (readings) => {
      changeMode(readings, 'dr');
      const rs2 = hostIn(readings, 'rs2');
      rs2.addresses =
        rs2.addresses?.map((one) => (one.address === VIP ? { ...one, length: 24 } : one)) ?? [];
      failRequests(readings, 'timed-out', 'rs2');
    },
  },
  {
    id: 'L10',
    name: 'of a machine that is gone',
    hosts: ['client'],
    make: (readings) => {
      hostIn(readings, 'client').neighbours = { [VIP]: '00:0c:29:00:00:01' };
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L17',
    name: 'an old kernel that keeps its connections in conntrack',
    hosts: ['director'],
    make: (readings) => {
      const director = hostIn(readings, 'director');
      director.kernel = '3.10.0-862.el7.x86_64';
      director.settings = { ...director.settings, 'net.ipv4.vs.conntrack': '1' };
      for (const result of readings.requests?.results.slice(3, 5) ?? []) result.seconds = 1.004;
    },
  },
  {
    id: 'L18',
    name: 'asked from a real server',
    hosts: ['client'],
    make: (readings) => {
      readings.lab.client.address = '192.168.2.128';
      for (const name of ['rs1', 'rs2']) {
        hostIn(readings, name).routes = {
          '192.168.2.128': { printed: 'local 192.168.2.128 dev lo', kind: 'local', device: 'lo' },
        };
      }
      hostIn(readings, 'client').neighbours = {};
      failRequests(readings, 'timed-out');
    },
  },
  {
    id: 'L19',
    name: 'the module is not loaded',
    hosts: ['rs2'],
    make: (readings) => {
      changeMode(readings, 'tun');
      const rs2 = hostIn(readings, 'rs2');
      rs2.links = rs2.links?.filter(({ device }) => device !== 'tunl0') ?? [];
      failRequests(readings, 'refused', 'rs2');
    },
  },
  {
    id: 'L19',
    name: 'a kernel without the module',
    hosts: ['rs1'],
    make: (readings) => {
      changeMode(readings, 'tun');
      const rs1 = hostIn(readings, 'rs1');
      rs1.ipip = 'missing';
      rs1.links = rs1.links?.filter(({ device }) => device !== 'tunl0') ?? [];
      failRequests(readings, 'refused', 'rs1');
    },
  },
  {
    id: 'L37',
    name: 'ICMP is dropped on the way to the client',
    hosts: ['client'],
    make: (readings) => {
      changeMode(readings, 'tun');
      readings.largeRequest = { outcome: 'timed-out' };
    },
  },
  {
    id: 'L37',
    name: 'and the real servers have no default route',
    hosts: ['client'],
    make: (readings) => {
      changeMode(readings, 'tun');
      readings.largeRequest = { outcome: 'timed-out' };
      for (const name of ['rs1', 'rs2']) hostIn(readings, name).defaultRoutes = [];
    },
  },
  {
    id: 'L19',
    name: 'the tunnel is down',
    hosts: ['rs1'],
    make: (readings) => {
      changeMode(readings, 'tun');
      const rs1 = hostIn(readings, 'rs1');
      rs1.links = rs1.links?.map((link) => ({ ...link, up: link.device !== 'tunl0' })) ?? [];
      failRequests(readings, 'refused', 'rs1');
    },
  },
  {
    id: 'L31',
    name: 'a real server has it',
    hosts: ['rs1'],
    make: (readings) => {
      hostIn(readings, 'rs1').addresses?.push({ device: 'lo', address: VIP, length: 32 });
      failRequests(readings, 'timed-out', 'rs1');
    },
  },
];

/** What goes wrong around the VIP. */
export function vipCases(): readonly RuleCase[] {
  return cases;
}
