import { type Flavour, flavours } from '../../../src/embedded/images/image-recipe.ts';
import { faultTests } from './suite.ts';

const only = process.env['FAULTS_FLAVOUR'];
const wanted = flavours.filter((flavour: Flavour) => (only ?? flavour) === flavour);

faultTests(wanted, { title: 'every fault', isFast: false });
