import { type LabCase } from '../lab-case.ts';
import { type HostReading } from '../readings/readings.ts';

/** Why a real server drops what comes out of its tunnel. */
export interface TunnelFault {
  readonly cause: string;
  /** rp_filter of the tunnel, the greater one of its own and that of all. */
  readonly filter: number;
  /** What mends it there. */
  readonly mend: string;
}

/**
 * What comes out of a tunnel is from clients, and the way to them is never back through it: with 1 that is held against
 * it, and with 2 only that the tunnel has no address.
 */
export function whyTunnelDrops(
  of: LabCase,
  reading: HostReading | undefined,
): TunnelFault | undefined {
  if (of.lab.mode !== 'tun' || reading === undefined || !hasTunnel(reading)) return undefined;
  const filter = of.effective(reading, 'rp_filter', 'tunl0') ?? 0;
  if (filter === 1) {
    return {
      filter,
      cause:
        'rp_filter is 1 for tunl0, the greater of its own and that of all, and the way back to the client is not through the tunnel',
      mend: 'sysctl -w net.ipv4.conf.tunl0.rp_filter=2',
    };
  }
  const { addresses } = reading;
  const isBare = addresses !== undefined && !addresses.some(({ device }) => device === 'tunl0');
  if (filter !== 2 || !isBare) return undefined;
  return {
    filter,
    cause: 'tunl0 has no address, and with rp_filter 2 nothing comes in by a device without any',
    mend: `ip addr add ${of.vip}/32 dev tunl0`,
  };
}

function hasTunnel({ links = [] }: HostReading): boolean {
  return links.some(({ device }) => device === 'tunl0');
}
