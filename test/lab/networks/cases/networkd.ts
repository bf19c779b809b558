import { type FlavourCase, type NetworkCase, otherGateway } from '../network-case.ts';

const FOLDER = '/etc/systemd/network';
/** ifupdown is there, as on each Debian, and knows of no NIC. */
const nothingElse = { '/etc/network/interfaces': 'auto lo\niface lo inet loopback\n' };

const lan = '[Match]\nName=ens33\n\n[Network]\nAddress=192.168.2.128/24\nGateway=192.168.2.1\n';

const cases: readonly FlavourCase[] = [
  {
    name: 'comments of both kinds, a second address, a route, a name server',
    files: {
      [`${FOLDER}/10-lan.network`]: `# the lan, ask ops first
[Match]
Name=ens33

[Network]
; people use this one
Address=192.168.2.50/24
Address = 192.168.2.128/24
DNS=192.168.2.1
#Gateway=192.168.2.99
Gateway=192.168.2.1
LinkLocalAddressing=no

[Route]
Destination=10.9.0.0/16
Gateway=192.168.2.9

[Link]
MTUBytes=1400
`,
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'the gateway in a section of its own, with a metric',
    files: {
      [`${FOLDER}/10-lan.network`]: `[Match]
MACAddress=00:0c:29:53:71:80

[Address]
Address=192.168.2.128/24

[Route]
Gateway=192.168.2.1
Metric=50

[Route]
Gateway=192.168.2.9
Destination=10.9.0.0/16
`,
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'the gateway in a drop-in',
    files: {
      [`${FOLDER}/10-lan.network`]: '[Match]\nName=ens33\n\n[Network]\nAddress=192.168.2.128/24\n',
      [`${FOLDER}/10-lan.network.d/gateway.conf`]: '[Network]\nGateway=192.168.2.1\n',
    },
    expect: 'either',
    inCi: true,
  },
  {
    name: 'a file for all NICs of a pattern, that gives none an address',
    files: {
      [`${FOLDER}/10-lan.network`]: lan,
      [`${FOLDER}/80-rest.network`]: '[Match]\nName=ens*\n\n[Network]\nLinkLocalAddressing=no\n',
    },
    settings: [{ device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] }],
    expect: 'made',
  },
  {
    name: 'a file for all NICs of a pattern, that is the one of ens33',
    files: {
      [`${FOLDER}/50-all.network`]:
        '[Match]\nName=ens33 ens34\n\n[Network]\nAddress=192.168.2.128/24\nGateway=192.168.2.1\n',
    },
    expect: 'either',
  },
  {
    name: 'a NIC that no file names',
    files: { [`${FOLDER}/10-lan.network`]: lan },
    settings: [{ device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] }],
    expect: 'made',
  },
  {
    name: 'two files for one NIC, of which the first counts',
    files: {
      [`${FOLDER}/10-lan.network`]: lan,
      [`${FOLDER}/20-lan.network`]: lan.replace('192.168.2.1\n', '192.168.2.99\n'),
    },
    expect: 'made',
  },
  {
    name: "another NIC's default route, of a lower metric",
    files: {
      [`${FOLDER}/10-lan.network`]: lan.replace(
        'Gateway=192.168.2.1\n',
        '\n[Route]\nGateway=192.168.2.1\nMetric=100\n',
      ),
      [`${FOLDER}/20-wan.network`]:
        '[Match]\nName=ens37\n\n[Network]\nAddress=192.168.4.128/24\n\n[Route]\nGateway=192.168.4.1\nMetric=20\n',
    },
    expect: 'either',
  },
  {
    name: 'a lease that becomes a fixed address',
    dhcp: ['192.168.2.128', '192.168.2.128'],
    files: { [`${FOLDER}/10-lan.network`]: '[Match]\nName=ens33\n\n[Network]\nDHCP=ipv4\n' },
    expect: 'either',
  },
  {
    name: 'a bridge',
    files: bridge(),
    settings: [{ ...otherGateway, device: 'br0' }],
    expect: 'made',
  },
  { name: "a bridge's port", files: bridge(), expect: /br0/, inCi: true },
];

function bridge(): NetworkCase['files'] {
  return {
    [`${FOLDER}/05-br0.netdev`]:
      '[NetDev]\nName=br0\nKind=bridge\n\n[Bridge]\nSTP=no\nForwardDelaySec=0\n',
    [`${FOLDER}/10-port.network`]: '[Match]\nName=ens33\n\n[Network]\nBridge=br0\n',
    [`${FOLDER}/20-br0.network`]: lan.replace('ens33', 'br0'),
  };
}

export const networkdCases: readonly NetworkCase[] = cases.map((one) => ({
  ...one,
  files: { ...nothingElse, ...one.files },
  flavour: 'debian-networkd',
}));
