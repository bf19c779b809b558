import { faultTests } from './course/suite.ts';
import { natFaults } from './course/tables.ts';

faultTests(['debian'], { table: natFaults, title: 'a few faults', isFast: true });
