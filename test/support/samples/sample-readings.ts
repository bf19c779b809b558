import { type HostReading, type Readings } from '../../../src/diagnose/readings/readings.ts';

export const CIP = '192.168.4.132';
export const VIP = '192.168.4.133';
const DIP = '192.168.2.130';

const RS1 = '192.168.2.128';
const RS2 = '192.168.2.129';

const MACS = {
  outside: '00:0c:29:53:71:ac',
  inside: '00:0c:29:53:71:a2',
  rs1: '00:0c:29:53:71:80',
  rs2: '00:0c:29:53:71:81',
  client: '00:0c:29:53:71:84',
};

const counters = {
  IpInAddrErrors: 0,
  IpForwDatagrams: 40,
  TcpExtIPReversePathFilter: 0,
  TcpPassiveOpens: 4,
};

/** Everything but loopback, as the kernel has it by default. */
const settings = {
  'net.ipv4.ip_forward': '0',
  'net.ipv4.conf.all.rp_filter': '0',
  'net.ipv4.conf.all.arp_ignore': '0',
  'net.ipv4.conf.all.arp_announce': '0',
};

function service(): Readings['lab']['service'] {
  return {
    protocol: 'tcp',
    address: VIP,
    port: 80,
    scheduler: 'wrr',
    destinations: [
      { address: RS1, port: 80, method: 'masquerading', weight: 1 },
      { address: RS2, port: 80, method: 'masquerading', weight: 2 },
    ],
  };
}

function realServer(address: string, device: string, mac: string): HostReading {
  return {
    addresses: [
      { device: 'lo', address: '127.0.0.1', length: 8 },
      { device, address, length: 24 },
    ],
    links: [
      { device: 'lo', up: true },
      { device, up: true, mac },
    ],
    routes: {
      [CIP]: {
        printed: `${CIP} via ${DIP} dev ${device} src ${address}`,
        kind: 'forwarded',
        via: DIP,
        device,
      },
      [DIP]: { printed: `${DIP} dev ${device} src ${address}`, kind: 'on-link', device },
      [VIP]: {
        printed: `${VIP} via ${DIP} dev ${device} src ${address}`,
        kind: 'forwarded',
        via: DIP,
        device,
      },
    },
    defaultRoutes: [`default via ${DIP} dev ${device}`],
    neighbours: { [DIP]: MACS.inside },
    settings,
    bootSettings: [],
    countersBefore: counters,
    countersAfter: { ...counters, TcpPassiveOpens: 8 },
    filtersBefore: [],
    filtersAfter: [],
    listeners: [
      { address: '0.0.0.0', port: 22 },
      { address: '0.0.0.0', port: 80 },
    ],
    halfOpen: [],
    units: {
      'nginx.service': { load: 'loaded', active: 'active', enabled: 'enabled' },
      'firewalld.service': { load: 'not-found', active: 'inactive', enabled: '' },
    },
    kernel: '6.1.0-25-cloud-amd64',
    isProvisioned: true,
  };
}

function directorReading(): HostReading {
  return {
    addresses: [
      { device: 'lo', address: '127.0.0.1', length: 8 },
      { device: 'ens33', address: DIP, length: 24 },
      { device: 'ens37', address: VIP, length: 24 },
    ],
    links: [
      { device: 'lo', up: true },
      { device: 'ens33', up: true, mac: MACS.inside },
      { device: 'ens37', up: true, mac: MACS.outside },
    ],
    routes: {
      [CIP]: { printed: `${CIP} dev ens37 src ${VIP}`, kind: 'on-link', device: 'ens37' },
      [RS1]: { printed: `${RS1} dev ens33 src ${DIP}`, kind: 'on-link', device: 'ens33' },
      [RS2]: { printed: `${RS2} dev ens33 src ${DIP}`, kind: 'on-link', device: 'ens33' },
      [VIP]: { printed: `local ${VIP} dev lo src ${VIP}`, kind: 'local', device: 'lo' },
    },
    defaultRoutes: [],
    neighbours: { [RS1]: MACS.rs1, [RS2]: MACS.rs2, [CIP]: MACS.client },
    settings: { ...settings, 'net.ipv4.ip_forward': '1', 'net.ipv4.vs.conntrack': '0' },
    bootSettings: [
      {
        file: '/etc/sysctl.d/99-zz-lvslab-net.ipv4.ip_forward.conf',
        key: 'net.ipv4.ip_forward',
        value: '1',
      },
    ],
    countersBefore: counters,
    countersAfter: { ...counters, IpForwDatagrams: 80 },
    filtersBefore: [],
    filtersAfter: [],
    listeners: [{ address: '0.0.0.0', port: 22 }],
    halfOpen: [],
    units: {
      'ipvsadm.service': { load: 'loaded', active: 'active', enabled: 'enabled' },
      'keepalived.service': { load: 'not-found', active: 'inactive', enabled: '' },
      'firewalld.service': { load: 'not-found', active: 'inactive', enabled: '' },
    },
    kernel: '6.1.0-25-cloud-amd64',
    ipvs: {
      support: 'loaded',
      table: { services: [service()], foreign: [] },
      before: {
        '': { connections: 0, packetsIn: 0, packetsOut: 0 },
        [`${RS1}:80`]: { connections: 0, packetsIn: 0, packetsOut: 0 },
        [`${RS2}:80`]: { connections: 0, packetsIn: 0, packetsOut: 0 },
      },
      after: {
        '': { connections: 12, packetsIn: 72, packetsOut: 60 },
        [`${RS1}:80`]: { connections: 4, packetsIn: 24, packetsOut: 20 },
        [`${RS2}:80`]: { connections: 8, packetsIn: 48, packetsOut: 40 },
      },
      connections: [],
      boot: {
        path: '/etc/ipvsadm.rules',
        auto: true,
        table: { services: [service()], foreign: [] },
      },
    },
    reached: { [`${RS1}:80`]: 0, [`${RS2}:80`]: 0 },
    isProvisioned: true,
    keepalived: [],
  };
}

/** What is read of the tutorial's lab where it works; each call makes it anew, to be changed at will. */
export function sampleReadings(): Readings {
  return structuredClone({
    version: 1,
    lab: {
      mode: 'nat',
      service: service(),
      director: { name: 'director', dip: DIP, inside: 'ens33', outside: 'ens37' },
      servers: [
        { name: 'rs1', address: RS1, length: 24, port: 80, weight: 1, device: 'ens37' },
        { name: 'rs2', address: RS2, length: 24, port: 80, weight: 2, device: 'ens33' },
      ],
      client: { name: 'client', address: CIP, isKnown: true },
    },
    requests: {
      asked: 12,
      results: Array.from({ length: 12 }, (_, i) => ({
        outcome: 'answered' as const,
        server: i % 3 === 1 ? 'rs1' : 'rs2',
        status: 200,
        seconds: 0.001,
      })),
    },
    hosts: {
      client: {
        addresses: [{ device: 'ens33', address: CIP, length: 24 }],
        links: [{ device: 'ens33', up: true, mac: MACS.client }],
        routes: {
          [VIP]: { printed: `${VIP} dev ens33 src ${CIP}`, kind: 'on-link', device: 'ens33' },
        },
        defaultRoutes: ['default via 192.168.4.1 dev ens33'],
        neighbours: { [VIP]: MACS.outside },
        settings,
        bootSettings: [],
        countersBefore: counters,
        countersAfter: counters,
        listeners: [],
        halfOpen: [],
        units: {},
        kernel: '6.1.0-25-cloud-amd64',
        isProvisioned: false,
      },
      director: directorReading(),
      rs1: realServer(RS1, 'ens37', MACS.rs1),
      rs2: realServer(RS2, 'ens33', MACS.rs2),
    },
    unreachable: {},
  });
}

/** Makes one share of the requests, or all of them, end otherwise. */
export function failRequests(
  readings: Readings,
  outcome: 'refused' | 'timed-out',
  server?: string,
): void {
  const results = readings.requests?.results ?? [];
  readings.requests = {
    asked: results.length,
    results: results.map((result) =>
      server === undefined || result.server === server ? { outcome } : result,
    ),
  };
}

/** Makes the sample one of direct routing or of tunnels: the servers have the VIP, and answer by themselves. */
export function changeMode(readings: Readings, mode: 'dr' | 'tun'): void {
  const { lab, hosts } = readings;
  lab.mode = mode;
  changeMethod(readings, mode === 'dr' ? 'direct-routing' : 'tunneling');
  for (const name of ['rs1', 'rs2']) giveVip(hosts[name], mode);
  if (mode === 'tun') readings.largeRequest = { outcome: 'answered', server: 'rs1', status: 200 };
}

/** In this method the director sees no replies. */
function changeMethod({ lab, hosts }: Readings, method: 'direct-routing' | 'tunneling'): void {
  const { ipvs } = hosts['director'] ?? {};
  const tables = [ipvs?.table, ipvs?.boot?.table];
  const services = [lab.service, ...tables.flatMap((table) => table?.services ?? [])];
  for (const destination of services.flatMap(({ destinations }) => destinations))
    destination.method = method;
  for (const counters of Object.values(ipvs?.after ?? {})) counters.packetsOut = 0;
}

function giveVip(server: HostReading | undefined, mode: 'dr' | 'tun'): void {
  if (server === undefined) return;
  server.addresses?.push({ device: mode === 'dr' ? 'lo' : 'tunl0', address: VIP, length: 32 });
  if (mode === 'tun') server.links?.push({ device: 'tunl0', up: true });
  server.settings = {
    ...server.settings,
    'net.ipv4.conf.all.arp_ignore': '1',
    'net.ipv4.conf.all.arp_announce': '2',
    ...(mode === 'tun' && { 'net.ipv4.conf.tunl0.rp_filter': '2' }),
  };
}
