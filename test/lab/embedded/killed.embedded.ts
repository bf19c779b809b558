import { killedAt, transitions } from './killed.ts';

killedAt(transitions);
