import { type Rule } from '../../rule.ts';
import { noIpvs } from './L11-no-ipvs.ts';
import { rulesGoneAtBoot } from './L12-rules-gone-at-boot.ts';
import { wrongMethod } from './L13-wrong-method.ts';
import { notBalanced } from './L15-not-balanced.ts';
import { deadServer } from './L16-dead-server.ts';
import { noServers } from './L20-no-servers.ts';
import { weightZero } from './L21-weight-zero.ts';
import { noService } from './L22-no-service.ts';
import { serverMissing } from './L34-server-missing.ts';
import { otherShares } from './L35-other-shares.ts';

/** Causes in the director's table, now and at boot. */
export const tableRules: readonly Rule[] = [
  noIpvs,
  rulesGoneAtBoot,
  wrongMethod,
  notBalanced,
  deadServer,
  noServers,
  weightZero,
  noService,
  serverMissing,
  otherShares,
];
