import { faultTests } from './suite.ts';

faultTests(['debian'], { title: 'a few faults', isFast: true });
