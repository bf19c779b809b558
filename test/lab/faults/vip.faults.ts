import { wantedFlavours } from './hosts/fault-flavours.ts';
import { faultTests } from './course/suite.ts';
import { vipFaults } from './course/tables.ts';

faultTests(wantedFlavours(), { table: vipFaults, title: 'every fault of LVS-DR' });
