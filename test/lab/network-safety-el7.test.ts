import { networkSafety } from './flavours/network-safety.ts';

networkSafety('el7', 2);
