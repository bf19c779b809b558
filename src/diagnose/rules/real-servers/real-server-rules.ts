import { type Rule } from '../../rule.ts';
import { wayBack } from './L01-way-back.ts';
import { clientInside } from './L02-client-inside.ts';
import { nothingListens } from './L14-nothing-listens.ts';
import { wrongListener } from './L24-loopback-only.ts';
import { wrongPort } from './L25-wrong-port.ts';
import { webServerAtBoot } from './L27-web-server-at-boot.ts';
import { serverFirewall } from './L28-server-firewall.ts';
import { httpError } from './L32-http-error.ts';

/** Causes on the real servers. */
export const realServerRules: readonly Rule[] = [
  wayBack,
  clientInside,
  nothingListens,
  wrongListener,
  wrongPort,
  webServerAtBoot,
  serverFirewall,
  httpError,
];
