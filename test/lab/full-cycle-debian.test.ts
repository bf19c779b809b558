import { wholeCycle } from './flavours/whole-cycle.ts';

wholeCycle('debian');
