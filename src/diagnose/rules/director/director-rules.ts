import { type Rule } from '../../rule.ts';
import { noForwarding } from './L03-no-forwarding.ts';
import { directorFirewall } from './L04-director-firewall.ts';
import { reversePath } from './L07-reverse-path.ts';
import { vrrpStrict } from './L08-vrrp-strict.ts';
import { noVip } from './L23-no-vip.ts';
import { forwardingAtBoot } from './L26-forwarding-at-boot.ts';
import { noWayToServer } from './L29-no-way-to-server.ts';
import { noWayToClient } from './L30-no-way-to-client.ts';
import { linkDown } from './L33-link-down.ts';
import { firewallAtBoot } from './L36-firewall-at-boot.ts';
import { unmarkedPackets } from './L38-unmarked-packets.ts';

/** Causes on the director, beside its table. */
export const directorRules: readonly Rule[] = [
  noForwarding,
  directorFirewall,
  reversePath,
  vrrpStrict,
  noVip,
  forwardingAtBoot,
  noWayToServer,
  noWayToClient,
  linkDown,
  firewallAtBoot,
  unmarkedPackets,
];
