import { type FlavourCase, type NetworkCase, otherGateway } from '../network-case.ts';

const FOLDER = '/etc/sysconfig/network-scripts';
const NETWORK = '/etc/sysconfig/network';

/** Lines of an ifcfg file that is about a static NIC. */
function ifcfg(device: string, ...more: readonly string[]): string {
  return `${['TYPE=Ethernet', 'BOOTPROTO=none', `DEVICE=${device}`, 'ONBOOT=yes', ...more].join('\n')}\n`;
}

const reached = ['IPADDR=192.168.2.128', 'PREFIX=24'];
const usual = ifcfg('ens33', ...reached, 'GATEWAY=192.168.2.1');
const OTHER_MACHINE = 'HWADDR=00:0C:29:11:22:33';
const OWN_CARD = 'HWADDR=00:0c:29:53:71:80';

const cases: readonly FlavourCase[] = [
  {
    name: 'line ends of another system',
    files: { [`${FOLDER}/ifcfg-ens33`]: usual },
    since: { [`${FOLDER}/ifcfg-ens33`]: usual.replaceAll('\n', '\r\n') },
    expect: 'either',
    inCi: true,
  },
  {
    name: 'line ends of another system in one line only',
    files: { [`${FOLDER}/ifcfg-ens33`]: usual },
    since: { [`${FOLDER}/ifcfg-ens33`]: usual.replace('PREFIX=24\n', 'PREFIX=24\r\n') },
    expect: 'either',
  },
  {
    name: 'the HWADDR of the machine that this one was cloned from',
    files: { [`${FOLDER}/ifcfg-ens33`]: usual },
    since: { [`${FOLDER}/ifcfg-ens33`]: `${usual}${OTHER_MACHINE}\n` },
    expect: /ifcfg-ens33/,
    inCi: true,
  },
  {
    name: 'a comment behind the device, in a file of another name',
    files: {
      [`${FOLDER}/ifcfg-lan`]: ifcfg('ens33   # inner', ...reached, 'GATEWAY="192.168.2.1"'),
    },
    expect: 'made',
  },
  {
    name: 'a file that names its card by HWADDR alone',
    files: {
      [`${FOLDER}/ifcfg-System_lan`]: `${OWN_CARD}\nONBOOT='yes'\nBOOTPROTO=static\nIPADDR=192.168.2.128\nNETMASK=255.255.255.0\nGATEWAY=192.168.2.1\n`,
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'GATEWAYDEV of another card',
    files: {
      [NETWORK]: 'NETWORKING=yes\nGATEWAYDEV=ens37\n',
      [`${FOLDER}/ifcfg-ens33`]: ifcfg('ens33', ...reached),
      [`${FOLDER}/ifcfg-ens37`]: ifcfg('ens37', 'IPADDR=192.168.4.128', 'PREFIX=24'),
    },
    expect: 'either',
    inCi: true,
  },
  {
    name: 'GATEWAYDEV and GATEWAY in the global file, of this card',
    files: {
      [NETWORK]: 'GATEWAYDEV="ens33"\nGATEWAY=192.168.2.1\n',
      [`${FOLDER}/ifcfg-ens33`]: ifcfg('ens33', ...reached),
    },
    expect: 'either',
  },
  {
    name: "another NIC's gateway, whose file comes later",
    files: {
      [`${FOLDER}/ifcfg-ens33`]: ifcfg('ens33', ...reached),
      [`${FOLDER}/ifcfg-ens37`]: ifcfg(
        'ens37',
        ...['IPADDR=192.168.4.128', 'NETMASK=255.255.255.0', 'GATEWAY=192.168.4.1'],
      ),
    },
    expect: 'either',
    inCi: true,
  },
  {
    name: "another NIC's gateway that is never a default route",
    files: {
      [`${FOLDER}/ifcfg-ens33`]: usual,
      [`${FOLDER}/ifcfg-ens37`]: ifcfg(
        'ens37',
        ...['IPADDR=192.168.4.128', 'PREFIX=24', 'GATEWAY=192.168.4.1', 'DEFROUTE=no'],
      ),
    },
    expect: 'made',
  },
  {
    name: 'the address as IPADDR1',
    files: {
      [`${FOLDER}/ifcfg-ens33`]: ifcfg(
        'ens33',
        ...['IPADDR=192.168.2.70', 'PREFIX=24', 'IPADDR1=192.168.2.128', 'PREFIX1=24'],
        'GATEWAY=192.168.2.1',
      ),
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'the address in the file of an alias',
    files: {
      [`${FOLDER}/ifcfg-ens33`]: ifcfg(
        'ens33',
        ...['IPADDR0=192.168.2.70', 'PREFIX0=24', 'GATEWAY=192.168.2.1'],
      ),
      [`${FOLDER}/ifcfg-ens33:0`]:
        'DEVICE=ens33:0\nIPADDR=192.168.2.128\nPREFIX=24\nONPARENT=yes\n',
    },
    expect: 'made',
  },
  {
    name: "a director's usual layout: its own address and the VIP in an alias",
    files: {
      [`${FOLDER}/ifcfg-ens33`]: usual,
      [`${FOLDER}/ifcfg-ens37`]: ifcfg('ens37', 'IPADDR=192.168.4.131', 'PREFIX=24'),
      [`${FOLDER}/ifcfg-ens37:0`]: 'DEVICE=ens37:0\nIPADDR=192.168.4.133\nNETMASK=255.255.255.0\n',
    },
    settings: [{ device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] }],
    expect: 'made',
  },
  {
    name: 'a bridge',
    files: bridge(),
    settings: [{ ...otherGateway, device: 'br0' }],
    expect: 'made',
    inCi: true,
  },
  { name: "a bridge's port", files: bridge(), expect: /br0/ },
  {
    name: 'a route file of both kinds, and an alias with a route through it',
    files: {
      [`${FOLDER}/ifcfg-ens33`]: usual,
      [`${FOLDER}/route-ens33`]:
        '10.9.0.0/16 via 192.168.2.9 dev ens33\n# 10.8.0.0/16 via 192.168.2.8\n',
      [`${FOLDER}/ifcfg-ens38`]: ifcfg('ens38', 'IPADDR=192.168.2.200', 'PREFIX=32'),
      [`${FOLDER}/route-ens38`]: 'ADDRESS0=10.7.0.0\nNETMASK0=255.255.0.0\n',
    },
    expect: 'made',
  },
  {
    name: 'a default route in the route file',
    files: {
      [`${FOLDER}/ifcfg-ens33`]: ifcfg('ens33', ...reached),
      [`${FOLDER}/route-ens33`]: 'default via 192.168.2.1 dev ens33\n',
    },
    expect: 'either',
  },
  {
    name: "quotes of every kind, export, an editor's copy beside it",
    files: {
      [`${FOLDER}/ifcfg-ens33`]: `# the lan
export DEVICE='ens33'
ONBOOT="yes"
BOOTPROTO=$'none'
IPADDR="192.168.2".128
PREFIX=2"4"
  GATEWAY='192.168.2.1' # the way out
DNS1=192.168.2.1; DOMAIN="example.com"
`,
      [`${FOLDER}/ifcfg-ens33.bak`]: ifcfg('ens33', 'IPADDR=192.168.2.99', 'PREFIX=24'),
    },
    expect: 'made',
  },
];

function bridge(): Readonly<Record<string, string>> {
  return {
    [`${FOLDER}/ifcfg-br0`]: `DEVICE=br0\nTYPE=Bridge\nBOOTPROTO=none\nONBOOT=yes\nDELAY=0\nSTP=no\n${reached.join('\n')}\nGATEWAY=192.168.2.1\n`,
    [`${FOLDER}/ifcfg-ens33`]: 'DEVICE=ens33\nTYPE=Ethernet\nONBOOT=yes\nBRIDGE=br0\n',
  };
}

export const ifcfgCases: readonly NetworkCase[] = cases.map((one) => ({ ...one, flavour: 'el7' }));
