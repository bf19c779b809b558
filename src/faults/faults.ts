import { directorFaults } from './director-faults.ts';
import { type Fault } from './fault.ts';
import { realServerFaults } from './real-server-faults.ts';
import { tableFaults } from './table-faults.ts';

/** All faults that can be made on purpose, by their ids. */
export const faults: readonly Fault[] = [
  ...directorFaults,
  ...tableFaults,
  ...realServerFaults,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
