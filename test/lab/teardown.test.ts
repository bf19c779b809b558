import { takingBack } from './flavours/taking-back.ts';

takingBack('debian', 1);
