import { renderTemplate } from '../../templates.ts';

/** The device that the module ipip brings: whatever comes in an IPIP packet, from whomever, comes out of it. */
export const TUNNEL_DEVICE = 'tunl0';

/** A folder that is there as soon as the device is, in the network of a container, too. */
export const tunnelEvidence = `/proc/sys/net/ipv4/conf/${TUNNEL_DEVICE}`;

/** The unit of systemd's that gives the tunnel an address at boot: 'lvslab-tunnel-192-168-4-133.service'. */
export function tunnelUnit(address: string): string {
  return `lvslab-tunnel-${address.replaceAll('.', '-')}.service`;
}

/** The text of that unit. */
export function tunnelUnitText(address: string): string {
  return renderTemplate('tunnel.service.hbs', { address, device: TUNNEL_DEVICE });
}
