import { cutOffCases } from './cases/cut-off.ts';
import { ifcfgCases } from './cases/ifcfg.ts';
import { ifupdownCases } from './cases/ifupdown.ts';
import { netplanCases } from './cases/netplan.ts';
import { networkdCases } from './cases/networkd.ts';
import { nmCases } from './cases/nm.ts';
import { type NetworkCase } from './network-case.ts';

/** The networks of real hosts, whoever runs them. */
export const networkCases: readonly NetworkCase[] = [
  ...ifupdownCases,
  ...ifcfgCases,
  ...nmCases,
  ...netplanCases,
  ...networkdCases,
  ...cutOffCases,
];
