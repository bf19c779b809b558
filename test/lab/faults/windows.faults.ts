import { windowCutTests } from './window-cuts.ts';

windowCutTests();
