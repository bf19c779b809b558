import { takingBack } from './flavours/taking-back.ts';

takingBack('debian', 1);
takingBack('el7', 1);
