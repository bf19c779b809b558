import { ifcfg } from './ifcfg.ts';
import { ifupdown } from './ifupdown.ts';
import { type NetworkBackend, type NetworkBackendName } from './network-backend.ts';

/** All ways of configuring the network, by their names: what a journal was written about is undone in the same way. */
export const networkBackends: Readonly<Record<NetworkBackendName, NetworkBackend>> = {
  ifcfg,
  ifupdown,
};

export const networkBackendNames = Object.keys(networkBackends) as readonly NetworkBackendName[];
