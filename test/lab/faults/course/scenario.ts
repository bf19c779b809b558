import { type FaultFlavour } from '../hosts/fault-flavours.ts';
import { type Site } from '../hosts/site.ts';

/** Where a fault is tried: on any real server, on both at once, or on the director, a virtual machine with a disk. */
export type Place = 'director' | 'real server' | 'real servers';

/** One fault at one moment. */
export interface Case {
  readonly moment: string;
  /** How many faults it is made of, where they are tried one after the other. */
  readonly faults?: number;
  /** Part of the fast subset. */
  readonly fast?: true;
  /** Throws when lvslab did not keep a promise. */
  readonly run: (site: Site, other: Site) => Promise<void>;
}

/** A row of the table of faults: what is done, and what lvslab does then. */
export interface Scenario {
  readonly fault: string;
  /** How the tests bring it about. */
  readonly injected: string;
  /** What lvslab does, for its users. */
  readonly answer: string;
  readonly flavours: readonly FaultFlavour[];
  readonly place: Place;
  /** Some of its cases are part of the fast subset. */
  readonly isInFastSubset: boolean;
  /** The cases; some follow from what was seen of a fault-free run. */
  readonly cases: (site: Site) => readonly Case[];
}

/** Where the fault has nothing to do with the flavour, it is tried on one of them. */
export const onDebian: readonly FaultFlavour[] = ['debian'];
export const onEl7: readonly FaultFlavour[] = ['el7'];
export const onBoth: readonly FaultFlavour[] = ['debian', 'el7'];
