import { describe, expect, test } from '@jest/globals';
import { parseFilters } from '../../../src/diagnose/readings/parse/parse-filters.ts';
import {
  parseAddresses,
  parseCounters,
  parseLinks,
  parseNeighbours,
  parseSockets,
  parseUdpSockets,
  parseWay,
} from '../../../src/diagnose/readings/parse/parse-network.ts';
import { parseBoot, parseConnections } from '../../../src/diagnose/readings/parse/parse-ipvs.ts';
import {
  parseBootSettings,
  parseSettings,
  parseUnits,
} from '../../../src/diagnose/readings/parse/parse-system.ts';

describe('ip', () => {
  test('addresses, with their lengths', () => {
    const text = [
      '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever',
      '2: ens33    inet 192.168.2.129/24 brd 192.168.2.255 scope global ens33\\  valid_lft forever',
      '3: ppp0    inet 10.0.0.1 peer 10.0.0.2/32 scope global ppp0',
      '4: lo    inet6 ::1/128 scope host ',
    ].join('\n');
    expect(parseAddresses(text)).toEqual([
      { device: 'lo', address: '127.0.0.1', length: 8 },
      { device: 'ens33', address: '192.168.2.129', length: 24 },
      { device: 'ppp0', address: '10.0.0.1', length: 32 },
    ]);
  });

  test('links, up by their flags and not by their carrier', () => {
    const text = [
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT \\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
      '2: ens33@if7: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN \\    link/ether 00:0c:29:53:71:81 brd ff:ff:ff:ff:ff:ff link-netnsid 0',
    ].join('\n');
    expect(parseLinks(text)).toEqual([
      { device: 'lo', up: true },
      { device: 'ens33', up: false, mac: '00:0c:29:53:71:81' },
    ]);
  });

  test.each([
    ['192.168.4.132 via 192.168.2.130 dev ens33 src 192.168.2.129 uid 0 \n    cache', 'forwarded'],
    ['192.168.4.132 dev ens33 src 192.168.2.129 uid 0 \n    cache ', 'on-link'],
    ['local 192.168.4.133 dev lo src 192.168.4.133 uid 0 \n    cache <local>', 'local'],
    ['RTNETLINK answers: Network is unreachable', 'none'],
    ['RTNETLINK answers: Invalid argument', 'none'],
    ['', 'none'],
  ])('a way: %s', (text, kind) => {
    expect(parseWay(text).kind).toBe(kind);
  });

  test('neighbours that answer, and those that do not', () => {
    const text = [
      '192.168.4.133 dev ens33 lladdr 00:0c:29:53:71:ac REACHABLE',
      '192.168.4.9 dev ens33  FAILED',
    ].join('\n');
    expect(parseNeighbours(text)).toEqual({
      '192.168.4.133': '00:0c:29:53:71:ac',
      '192.168.4.9': 'failed',
    });
  });
});

test('counters of the kernel: names above numbers', () => {
  const text = [
    'Ip: Forwarding DefaultTTL InAddrErrors',
    'Ip: 1 64 3',
    'TcpExt: SyncookiesSent IPReversePathFilter',
    'TcpExt: 0 2',
    'Tcp: MaxConn',
    'Tcp: -1',
  ].join('\n');
  expect(parseCounters(text)).toEqual({
    IpForwarding: 1,
    IpDefaultTTL: 64,
    IpInAddrErrors: 3,
    TcpExtSyncookiesSent: 0,
    TcpExtIPReversePathFilter: 2,
  });
});

test('sockets: what listens, and what is half open, in both families', () => {
  const text = [
    '  sl  local_address rem_address   st tx_queue rx_queue',
    '   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1',
    '   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1',
    '   2: 8102A8C0:0050 8404A8C0:DBDE 03 00000000:00000000 01:00000030 00000000     0        0 0',
    '   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0 0',
    '   1: 0000000000000000FFFF00008102A8C0:0050 0000000000000000FFFF00008404A8C0:DBDF 01 0 0',
  ].join('\n');
  expect(parseSockets(text)).toEqual({
    listeners: [
      { address: '0.0.0.0', port: 80 },
      { address: '127.0.0.1', port: 8080 },
      { address: '::', port: 22 },
    ],
    halfOpen: [{ port: 80, client: '192.168.4.132' }],
  });
});

test('sockets that wait for datagrams, and none that have a peer', () => {
  const text = [
    '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid',
    '  112: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1',
    '  113: 8102A8C0:DBDE 8404A8C0:0035 01 00000000:00000000 00:00000000 00000000     0        0 1',
    '  114: 00000000000000000000000000000000:0045 00000000000000000000000000000000:0000 07 0 0',
  ].join('\n');
  expect(parseUdpSockets(text)).toEqual([
    { address: '0.0.0.0', port: 53 },
    { address: '::', port: 69 },
  ]);
});

describe('packet filters', () => {
  test('nft: rules that stop packets, policies among them, in the chains that packets come to', () => {
    const text = [
      'nft',
      'table inet filter {',
      '  chain input {',
      '    type filter hook input priority filter; policy drop;',
      '    ct state established,related accept',
      '    tcp dport 80 counter packets 7 bytes 420 reject with icmp type admin-prohibited',
      '  }',
      '  chain forward {',
      '    type filter hook forward priority filter; policy accept;',
      '    ct state invalid counter packets 15 bytes 900 drop',
      '  }',
      '  chain other {',
      '    drop',
      '  }',
      '}',
    ].join('\n');
    expect(parseFilters(text)).toEqual([
      {
        chain: 'inet filter input',
        hook: 'input',
        rule: 'type filter hook input priority filter; policy drop;',
        verdict: 'drop',
      },
      {
        chain: 'inet filter input',
        hook: 'input',
        rule: 'tcp dport 80 reject with icmp type admin-prohibited',
        verdict: 'reject',
        packets: 7,
      },
      {
        chain: 'inet filter forward',
        hook: 'forward',
        rule: 'ct state invalid drop',
        verdict: 'drop',
        packets: 15,
      },
      { chain: 'inet filter other', rule: 'drop', verdict: 'drop' },
    ]);
  });

  test('iptables: the same of its own form', () => {
    const text = [
      'iptables',
      '*filter',
      ':INPUT DROP [12:720]',
      ':FORWARD ACCEPT [0:0]',
      '[3:180] -A INPUT -p tcp -m tcp --dport 80 -j REJECT --reject-with icmp-host-prohibited',
      '[0:0] -A FORWARD -m conntrack --ctstate INVALID -j DROP',
      '[9:1] -A INPUT -i lo -j ACCEPT',
      'COMMIT',
    ].join('\n');
    expect(parseFilters(text)).toMatchObject([
      { chain: 'ip filter INPUT', hook: 'input', verdict: 'drop', packets: 12 },
      { chain: 'ip filter INPUT', hook: 'input', verdict: 'reject', packets: 3 },
      { chain: 'ip filter FORWARD', hook: 'forward', verdict: 'drop', packets: 0 },
    ]);
  });

  test('a host without any', () => {
    expect(parseFilters('none\n')).toEqual([]);
  });
});

test('connections of IPVS, and what is none', () => {
  const text = [
    'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData',
    'TCP C0A80484 DBDE C0A80485 0050 C0A80280 0050 SYN_RECV         58',
    'TCP 20010db8 nonsense',
  ].join('\n');
  expect(parseConnections(text)).toEqual([
    {
      state: 'SYN_RECV',
      client: '192.168.4.132',
      virtual: { address: '192.168.4.133', port: 80 },
      server: { address: '192.168.2.128', port: 80 },
    },
  ]);
});

describe('what restores the table at boot', () => {
  test.each<[string, string, object]>([
    [
      'a file with rules',
      '/etc/sysconfig/ipvsadm \n-A -t 192.168.4.133:80 -s rr\n',
      { path: '/etc/sysconfig/ipvsadm', table: { services: [{ port: 80, scheduler: 'rr' }] } },
    ],
    [
      'no file, and a switch that is off',
      '/etc/ipvsadm.rules false\n',
      { auto: false, table: { services: [] } },
    ],
    ['a switch that is on', '/etc/ipvsadm.rules true\n', { auto: true }],
    ['no switch in the file for it', '/etc/ipvsadm.rules \n', { auto: false }],
    [
      'something else than rules',
      '/etc/ipvsadm.rules true\nhello world\n',
      { problem: expect.stringContaining('line 1') },
    ],
  ])('%s', (_, text, expected) => {
    expect(parseBoot(text)).toMatchObject(expected);
  });
});

test('units, of which some are not there', () => {
  const text =
    'Id=nginx.service\nLoadState=loaded\nActiveState=active\nUnitFileState=enabled\n\nId=ufw.service\nLoadState=not-found\nActiveState=inactive\nUnitFileState=\n';
  expect(parseUnits(text)).toEqual({
    'nginx.service': { load: 'loaded', active: 'active', enabled: 'enabled' },
    'ufw.service': { load: 'not-found', active: 'inactive', enabled: '' },
  });
});

test('a unit made of an init script, of which only the question tells what boot makes of it', () => {
  const text = [
    'Id=ipvsadm.service\nLoadState=loaded\nActiveState=active\nUnitFileState=generated\n',
    'Id=ipvsadm.service\nAtBoot=disabled\n',
    'Id=other.service\nAtBoot=enabled\n',
  ].join('\n');
  expect(parseUnits(text)).toEqual({
    'ipvsadm.service': { load: 'loaded', active: 'active', enabled: 'disabled' },
  });
});

test('settings of the kernel, by their usual names', () => {
  const text = 'ip_forward:1\nconf/all/rp_filter:10\nconf/eth0.5/arp_ignore:0\nvs/conntrack:1\n';
  expect(parseSettings(text)).toEqual({
    'net.ipv4.ip_forward': '1',
    'net.ipv4.conf.all.rp_filter': '10',
    'net.ipv4.conf.eth0.5.arp_ignore': '0',
    'net.ipv4.vs.conntrack': '1',
  });
});

test('lines that set the kernel at boot, in both spellings', () => {
  const text =
    '/etc/sysctl.d/10-a.conf:net.ipv4.ip_forward = 0\n/etc/sysctl.d/99-b.conf:-net/ipv4/ip_forward=1 \n';
  expect(parseBootSettings(text)).toEqual([
    { file: '/etc/sysctl.d/10-a.conf', key: 'net.ipv4.ip_forward', value: '0' },
    { file: '/etc/sysctl.d/99-b.conf', key: 'net.ipv4.ip_forward', value: '1' },
  ]);
});
