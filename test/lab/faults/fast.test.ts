import { faultTests } from './suite.ts';

faultTests(['debian'], { title: 'a few faults', isWanted: ({ fast }) => fast === true });
