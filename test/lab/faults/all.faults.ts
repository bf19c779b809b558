import { provisionedFlavours } from '../../../src/embedded/images/image-recipe.ts';
import { faultTests } from './suite.ts';

const only = process.env['FAULTS_FLAVOUR'];
const wanted = provisionedFlavours.filter((flavour) => (only ?? flavour) === flavour);

faultTests(wanted, { title: 'every fault', isFast: false });
