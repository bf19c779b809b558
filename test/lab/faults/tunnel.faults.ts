import { wantedFlavours } from './hosts/fault-flavours.ts';
import { faultTests } from './course/suite.ts';
import { tunnelFaults } from './course/tables.ts';

faultTests(wantedFlavours(), { table: tunnelFaults, title: 'every fault of LVS-TUN' });
