import { windowCutTests } from './kinds/window-cuts.ts';

windowCutTests();
