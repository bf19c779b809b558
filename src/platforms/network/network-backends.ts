import { ifcfg } from './ifcfg.ts';
import { ifupdown } from './ifupdown.ts';
import { netplan } from './netplan.ts';
import { networkd } from './networkd.ts';
import { nm } from './nm.ts';
import { type NetworkBackend, type NetworkBackendName } from './network-backend.ts';

/** All ways of configuring the network, by their names: what a journal was written about is undone in the same way. */
export const networkBackends: Readonly<Record<NetworkBackendName, NetworkBackend>> = {
  ifcfg,
  ifupdown,
  nm,
  netplan,
  networkd,
};

export const networkBackendNames = Object.keys(networkBackends) as readonly NetworkBackendName[];
