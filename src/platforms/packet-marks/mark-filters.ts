import { iptablesMarks } from './iptables-marks.ts';
import { type MarkFilter, type MarkFilterName } from './mark-filter.ts';
import { nftMarks } from './nft-marks.ts';

/** The packet filters that can mark packets, by the programs that speak to them. */
export const markFilters: Readonly<Record<MarkFilterName, MarkFilter>> = {
  nft: nftMarks,
  iptables: iptablesMarks,
};
