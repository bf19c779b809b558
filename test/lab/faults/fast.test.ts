import { faultTests } from './suite.ts';
import { natFaults } from './tables.ts';

faultTests(['debian'], { table: natFaults, title: 'a few faults', isFast: true });
