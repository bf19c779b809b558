import { type Flavour } from '../../../../src/embedded/images/recipes/image-recipe.ts';
import { type NetworkCase } from '../network-case.ts';

/** The file about ens33 of each flavour, as most hosts have it. */
const usual: Readonly<
  Partial<
    Record<
      Flavour,
      {
        readonly path: string;
        readonly text: string;
        readonly mode?: number;
        readonly parts: readonly number[];
      }
    >
  >
> = {
  debian: {
    path: '/etc/network/interfaces',
    text: 'auto lo\niface lo inet loopback\n\nauto ens33\niface ens33 inet static\n\taddress 192.168.2.128/24\n\tgateway 192.168.2.1\n',
    parts: [0.15, 0.4, 0.65, 0.9],
  },
  el7: {
    path: '/etc/sysconfig/network-scripts/ifcfg-ens33',
    text: 'TYPE=Ethernet\nBOOTPROTO=none\nDEVICE=ens33\nONBOOT=yes\nIPADDR=192.168.2.128\nPREFIX=24\nGATEWAY=192.168.2.1\n',
    parts: [0.15, 0.4, 0.65, 0.9],
  },
  'debian-nm': {
    path: '/etc/NetworkManager/system-connections/lan.nmconnection',
    text: '[connection]\nid=lan\nuuid=11111111-2222-4333-8444-555555555501\ntype=ethernet\ninterface-name=ens33\n\n[ipv4]\naddress1=192.168.2.128/24,192.168.2.1\nmethod=manual\n',
    mode: 0o600,
    parts: [0.65],
  },
  ubuntu: {
    path: '/etc/netplan/50-lan.yaml',
    text: 'network:\n  version: 2\n  ethernets:\n    ens33:\n      addresses:\n      - 192.168.2.128/24\n      routes:\n      - to: default\n        via: 192.168.2.1\n',
    mode: 0o600,
    parts: [0.15, 0.4, 0.65, 0.9],
  },
  'debian-networkd': {
    path: '/etc/systemd/network/10-lan.network',
    text: '[Match]\nName=ens33\n\n[Network]\nAddress=192.168.2.128/24\nGateway=192.168.2.1\n',
    parts: [0.15, 0.4, 0.9],
  },
};

/**
 * A write was cut off since the host has booted: the file ends after this part of it. Where what is left says nothing of the NIC
 * any more, a teardown puts back by hand what it had. No cases of these: NetworkManager's file where it says nothing, for a
 * connected route that is put there by hand lacks the metric that NetworkManager gives it; and what is left of an address where
 * that is another address, which nobody could tell from one that was meant.
 */
export const cutOffCases: readonly NetworkCase[] = Object.entries(usual).flatMap(
  ([flavour, { path, text, mode, parts }]) =>
    parts.map((part): NetworkCase => {
      const file = (content: string) =>
        mode === undefined ? { [path]: content } : { [path]: { content, mode } };
      return {
        name: `a file that ends after ${part * 100} %`,
        flavour: flavour as Flavour,
        files: file(text),
        since: file(text.slice(0, Math.round(text.length * part))),
        expect: 'either',
      };
    }),
);
