import { faultFlavours } from './fault-flavours.ts';
import { faultTests } from './suite.ts';

const only = process.env['FAULTS_FLAVOUR'];
const wanted = faultFlavours.filter((flavour) => (only ?? flavour) === flavour);

faultTests(wanted, { title: 'every fault', isFast: false });
