import { type Rule } from '../../rule.ts';
import { serverAnswersArp } from './L05-server-answers-arp.ts';
import { serverWithoutVip } from './L06-server-without-vip.ts';
import { splitBrain } from './L09-split-brain.ts';
import { staleNeighbour } from './L10-stale-neighbour.ts';
import { lateConnections } from './L17-late-connections.ts';
import { clientIsServer } from './L18-client-is-server.ts';
import { tunnelEnd } from './L19-tunnel-end.ts';
import { twoHolders } from './L31-two-holders.ts';
import { largeRequests } from './L37-large-requests.ts';

/** Causes around the VIP and the client. */
export const vipRules: readonly Rule[] = [
  serverAnswersArp,
  serverWithoutVip,
  splitBrain,
  staleNeighbour,
  lateConnections,
  clientIsServer,
  tunnelEnd,
  twoHolders,
  largeRequests,
];
