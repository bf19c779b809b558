import { networkSafety } from './flavours/network-safety.ts';

networkSafety('debian', 2);
