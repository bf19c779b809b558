import { type FlavourCase, type NetworkCase, otherGateway } from '../network-case.ts';

const FOLDER = '/etc/netplan';

function yaml(content: string): { readonly content: string; readonly mode: number } {
  return { content, mode: 0o600 };
}

/** What cloud-init puts above a file that it writes. */
const cloudHeader = `# This file is generated from information provided by the datasource.  Changes
# to it will not persist across an instance reboot.  To disable cloud-init's
# network configuration capabilities, write a file
# /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg with the following:
# network: {config: disabled}
`;

const lan = `network:
  version: 2
  ethernets:
    ens33:
      addresses:
      - 192.168.2.128/24
      routes:
      - to: default
        via: 192.168.2.1
`;

const outside = { device: 'ens37', address: '192.168.4.133', prefix: 24, dns: [] };

const cases: readonly FlavourCase[] = [
  {
    name: 'comments, a second address, a name server, and other routes',
    files: {
      [`${FOLDER}/01-lan.yaml`]: yaml(`# the lan, ask ops first
network:
  version: 2
  renderer: networkd
  ethernets:
    ens33:   # the first card
      addresses:
        - 192.168.2.50/24   # people use this one
        - "192.168.2.128/24"
      routes:
        - to: 10.9.0.0/16
          via: 192.168.2.9
        # the way out
        - to: default
          via: 192.168.2.1
      nameservers:
        addresses: [192.168.2.1]
      mtu: 1400
`),
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'the old key of the gateway, all of it in one line',
    files: {
      [`${FOLDER}/10-all.yaml`]: yaml(
        'network: {version: 2, ethernets: {ens33: {addresses: [192.168.2.128/24], gateway4: 192.168.2.1}}}\n',
      ),
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: 'two files about one NIC: the address in one, the gateway in the other',
    files: {
      [`${FOLDER}/10-address.yaml`]: yaml(
        'network:\n  version: 2\n  ethernets:\n    ens33: {addresses: [192.168.2.128/24]}\n',
      ),
      [`${FOLDER}/99-routes.yaml`]: yaml(`network:
  ethernets:
    ens33:
      routes:
      - {to: 0.0.0.0/0, via: 192.168.2.1, metric: 50}
`),
    },
    expect: 'made',
    inCi: true,
  },
  {
    name: "cloud-init's file",
    files: { [`${FOLDER}/50-cloud-init.yaml`]: yaml(cloudHeader + lan) },
    expect: 'either',
  },
  {
    name: 'a NIC that no file names',
    files: { [`${FOLDER}/50-lan.yaml`]: yaml(lan) },
    settings: [outside],
    expect: 'made',
  },
  {
    // Not by its hardware address: netplan asks for the one that a card was made with, and these have none.
    name: 'a card by a pattern of its name, under another name',
    files: {
      [`${FOLDER}/50-lan.yaml`]: yaml(
        lan.replace('    ens33:\n', '    lan0:\n      match: {name: "ens3[3]"}\n'),
      ),
    },
    expect: 'made',
  },
  {
    name: 'a card by its driver, under another name',
    files: {
      [`${FOLDER}/50-lan.yaml`]: yaml(
        lan.replace('    ens33:\n', '    lan0:\n      match: {name: "ens33", driver: "veth"}\n'),
      ),
    },
    expect: /10-netplan-lan0[.]network.*ens33.*Match/,
  },
  {
    name: 'cards by patterns that leave others out, in two files',
    files: {
      [`${FOLDER}/10-a.yaml`]: yaml(
        lan.replace('    ens33:\n', '    a:\n      match: {name: "?n*33"}\n'),
      ),
      [`${FOLDER}/20-b.yaml`]: yaml(
        'network: {ethernets: {b: {match: {name: "ens3[!38]"}, addresses: [192.168.4.138/24]}}}\n',
      ),
    },
    expect: 'either',
  },
  {
    name: 'anchors and aliases',
    files: {
      [`${FOLDER}/50-lan.yaml`]: yaml(`network:
  version: 2
  ethernets:
    ens33:
      addresses: [192.168.2.128/24]
      routes: &way
      - to: default
        via: 192.168.2.1
        metric: 300
    ens38:
      addresses: [192.168.2.138/24]
      routes: *way
`),
    },
    expect: 'either',
  },
  {
    name: "another NIC's default route, of a lower metric",
    files: {
      [`${FOLDER}/50-lan.yaml`]: yaml(`${lan}        metric: 100
    ens37:
      addresses: [192.168.4.128/24]
      routes:
      - {to: default, via: 192.168.4.1, metric: 20}
`),
    },
    expect: 'either',
  },
  {
    name: 'a lease that becomes a fixed address',
    dhcp: ['192.168.2.128', '192.168.2.128'],
    files: {
      [`${FOLDER}/50-lan.yaml`]: yaml(
        'network:\n  version: 2\n  ethernets:\n    ens33:\n      dhcp4: true # for now\n',
      ),
    },
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
    [`${FOLDER}/50-lan.yaml`]: yaml(`network:
  version: 2
  ethernets:
    ens33: {}
  bridges:
    br0:
      interfaces: [ens33]
      parameters: {stp: false, forward-delay: 0}
      addresses: [192.168.2.128/24]
      routes:
      - to: default
        via: 192.168.2.1
`),
  };
}

export const netplanCases: readonly NetworkCase[] = cases.map((one) => ({
  ...one,
  flavour: 'ubuntu',
}));
