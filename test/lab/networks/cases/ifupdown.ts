import { type FlavourCase, type NetworkCase, otherGateway } from '../network-case.ts';

const MAIN = '/etc/network/interfaces';
const loopback = 'auto lo\niface lo inet loopback\n';

/** ens33 as most hosts have it: one stanza, with these lines more. */
function stanza(...more: readonly string[]): string {
  const lines = ['auto ens33', 'iface ens33 inet static', '\taddress 192.168.2.128/24', ...more];
  return `${lines.join('\n')}\n`;
}

/** The director's second NIC, that no file names yet. */
const outside = { device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] };

const cases: readonly FlavourCase[] = [
  {
    name: 'a source line with a pattern, and a NIC without a stanza',
    files: {
      [MAIN]: `source /etc/network/interfaces.d/*.cfg\n\n${loopback}\n${stanza('\tgateway 192.168.2.1')}`,
    },
    settings: [outside],
    expect: 'made',
    inCi: true,
  },
  {
    name: 'no source line at all, and a NIC without a stanza',
    files: { [MAIN]: `${loopback}\n${stanza('\tgateway 192.168.2.1')}` },
    settings: [outside],
    expect: 'made',
  },
  {
    name: 'a relative source-directory, a pattern of digits, and a NIC without a stanza',
    files: {
      [MAIN]: `${loopback}\nsource-directory interfaces.d\nsource /etc/network/lan/[0-9]*\n`,
      '/etc/network/lan/10-ens33': stanza('\tgateway 192.168.2.1'),
    },
    settings: [outside],
    expect: 'made',
  },
  {
    name: 'the stanza in a file that a sourced file sources',
    files: {
      [MAIN]: `source /etc/network/more\n${loopback}`,
      '/etc/network/more': 'source more.d/*.if\n',
      '/etc/network/more.d/lan.if': `# the lan\n${stanza('\tgateway 192.168.2.1')}`,
      '/etc/network/more.d/lan.if.bak': stanza('\tgateway 192.168.2.77'),
    },
    expect: 'made',
  },
  {
    name: 'two stanzas of one NIC, the gateway with the other address',
    files: {
      [MAIN]: `${loopback}
auto ens33
iface ens33 inet static
    address 192.168.2.50/24
    gateway 192.168.2.1

# for the load balancer
iface ens33 inet static
    address 192.168.2.128/24
`,
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'three stanzas of one NIC, of two families, one of them manual, in two files',
    files: {
      [MAIN]: `source interfaces.d/*\n${loopback}\nauto ens33\niface ens33 inet manual\n\nallow-hotplug ens38\n`,
      '/etc/network/interfaces.d/ens33': `iface ens33 inet6 static
  address 2001:db8::128/64
  accept_ra 0
iface ens33 inet static
  address 192.168.2.128
  netmask 255.255.255.0
  gateway 192.168.2.1
`,
    },
    expect: 'made',
  },
  {
    name: 'an alias of the old kind beside it',
    files: {
      [MAIN]: `auto lo ens33 ens33:0
iface lo inet loopback
iface ens33 inet static
  address 192.168.2.128/24
  gateway 192.168.2.1
iface ens33:0 inet static
  address 192.168.2.50
  netmask 24
`,
    },
    expect: 'made',
  },
  {
    name: 'the default route in a hook of the stanza',
    files: {
      [MAIN]: `${loopback}\n${stanza('\tup ip route add default via 192.168.2.1 dev ens33')}`,
    },
    expect: /interfaces.*\b7\b|interfaces:7/s,
    inCi: true,
  },
  {
    name: 'the default route in a hook, in other words, in a sourced file',
    files: {
      [MAIN]: `source interfaces.d/*\n${loopback}`,
      '/etc/network/interfaces.d/lan': stanza(
        '\tpre-up ip link set ens33 mtu 1400',
        '\tpost-up /sbin/ip -4 r replace 0.0.0.0/0 \\\n\t  via 192.168.2.1',
      ),
    },
    expect: /interfaces\.d\/lan/,
  },
  {
    name: 'hooks that have nothing to do with it: a route, an address, an MTU',
    files: {
      [MAIN]: `${loopback}
${stanza(
  '\tgateway 192.168.2.1',
  '\tmtu 1400',
  '\tup ip route add 10.9.0.0/16 via 192.168.2.9 dev $IFACE',
  '\tup ip address add 192.168.2.60/24 dev ens33 || true',
  '\tdown echo bye >/run/hook-ran',
  '\tdns-nameservers 192.168.2.1',
)}`,
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'a script of if-up.d that sets the default route',
    files: {
      [MAIN]: `${loopback}\n${stanza()}`,
      '/etc/network/if-up.d/gateway': {
        content:
          '#!/bin/sh\n[ "$IFACE" = ens33 ] || exit 0\nip route replace default via 192.168.2.1\n',
        mode: 0o755,
      },
    },
    expect: 'either',
  },
  {
    name: "another NIC's gateway, without a metric",
    files: {
      [MAIN]: `${loopback}\n${stanza()}
auto ens37
iface ens37 inet static
  address 192.168.4.128/24
  gateway 192.168.4.1
`,
    },
    expect: /ens37|interfaces:\d+/,
  },
  {
    name: "another NIC's gateway, with a metric",
    files: {
      [MAIN]: `${loopback}\n${stanza()}
auto ens37
iface ens37 inet static
  address 192.168.4.128/24
  gateway 192.168.4.1
  metric 200
`,
    },
    expect: 'made',
  },
  {
    name: 'a bridge that hooks make',
    files: { [MAIN]: bridge() },
    settings: [{ ...otherGateway, device: 'br0' }],
    expect: 'made',
  },
  {
    name: "a bridge's port",
    files: { [MAIN]: bridge() },
    expect: /br0/,
    inCi: true,
  },
  {
    name: 'lines that go on, comments between, no line break at the end',
    files: {
      [MAIN]: `# made by hand
auto lo
iface lo inet loopback
auto \\
  ens33
iface ens33 \\
  inet static
    # the address
  address   192.168.2.128
  netmask\t255.255.255.0
    # gateway 192.168.2.99
  gateway 192.168.2.1`,
    },
    expect: 'made',
  },
  {
    name: 'a template that the stanza inherits its gateway from',
    files: {
      [MAIN]: `${loopback}
iface lan inet static
  gateway 192.168.2.1
  mtu 1450

auto ens33
iface ens33 inet static inherits lan
  address 192.168.2.128/24
`,
    },
    expect: 'either',
  },
];

function bridge(): string {
  return `${loopback}
auto br0
iface br0 inet static
  address 192.168.2.128/24
  gateway 192.168.2.1
  pre-up ip link add br0 type bridge
  pre-up ip link set ens33 up master br0
  post-down ip link del br0
`;
}

export const ifupdownCases: readonly NetworkCase[] = cases.map((one) => ({
  ...one,
  flavour: 'debian',
}));
