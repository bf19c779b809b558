import { wantedFlavours } from './fault-flavours.ts';
import { faultTests } from './suite.ts';
import { natFaults } from './tables.ts';

faultTests(wantedFlavours(), { table: natFaults, title: 'every fault' });
