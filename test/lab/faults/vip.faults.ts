import { wantedFlavours } from './fault-flavours.ts';
import { faultTests } from './suite.ts';
import { vipFaults } from './tables.ts';

faultTests(wantedFlavours(), { table: vipFaults, title: 'every fault of LVS-DR' });
