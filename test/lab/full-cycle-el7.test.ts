import { wholeCycle } from './flavours/whole-cycle.ts';

wholeCycle('el7');
