import { wantedFlavours } from './hosts/fault-flavours.ts';
import { faultTests } from './course/suite.ts';
import { natFaults } from './course/tables.ts';

faultTests(wantedFlavours(), { table: natFaults, title: 'every fault' });
