import { type CapturePoint } from '../capture/capture.ts';
import { type Packet } from '../packets/packet.ts';
import { type AddressRoles } from './address-roles.ts';
import { type Hop, type HopAddress, type HopEnd } from './hop.ts';
import { groupBy } from './group-by.ts';
import { type Sighting } from './sighting.ts';

/** What is known of the lab when sightings become hops. */
export interface PathContext {
  /** Every NIC that was listened to. */
  readonly points: readonly CapturePoint[];
  readonly roles: AddressRoles;
  /** When the trace began, on the clock of the sightings. */
  readonly began: number;
}

/**
 * Joins the places at which one packet was seen to its path, wire by wire. A hop follows another where it leaves the host
 * that the other has reached; the first leaves the host `origin`. Where a hop is missing, the TTL tells which comes first.
 */
export function joinHops(
  sightings: readonly Sighting[],
  origin: string | undefined,
  around: PathContext,
): readonly Hop[] {
  const wires = groupBy(sightings, ({ packet }) => wireKey(packet));
  const rest = [...wires.values()]
    .map((seen) => hopOf(seen, around))
    .toSorted((a, b) => b.ttl - a.ttl || a.microseconds - b.microseconds);
  const path: Hop[] = [];
  let place = origin;
  while (rest.length > 0) {
    const next = place === undefined ? -1 : rest.findIndex(({ from }) => from.host === place);
    const [hop] = rest.splice(Math.max(0, next), 1);
    if (hop === undefined) break;
    path.push(withChanges(hop, path.at(-1)));
    place = hop.to.host;
  }
  return path;
}

/** The same packet is something else on another wire: its MACs, its addresses or its TTL differ. */
function wireKey({ link, ip, content, outer }: Packet): string {
  const ports =
    content.kind === 'tcp' ? [content.sourcePort, content.destinationPort] : [content.kind];
  const around = outer === undefined ? [] : [outer.source, outer.destination, outer.ttl];
  return [
    link.source,
    link.destination,
    ip.source,
    ip.destination,
    ip.ttl,
    ...ports,
    ...around,
  ].join(' ');
}

function hopOf(seen: readonly Sighting[], { points, roles, began }: PathContext): Hop {
  const [first] = seen.toSorted((a, b) => a.time - b.time);
  if (first === undefined) throw new TypeError('a hop without a sighting');
  const { link, ip, content, outer } = first.packet;
  const copies = groupBy(seen, ({ point, direction }) => `${direction} ${point.device}`);
  const end = (mac: string, direction: Sighting['direction']): HopEnd => {
    const point = points.find((known) => known.mac === mac);
    return {
      mac,
      ...(point !== undefined && { host: point.host, device: point.device }),
      isSeen: seen.some((sighting) => sighting.direction === direction),
    };
  };
  const address = (dotted: string, port?: number): HopAddress => {
    const role = roles.get(dotted);
    return {
      address: dotted,
      ...(port !== undefined && { port }),
      ...(role !== undefined && { role }),
    };
  };
  const { sourcePort, destinationPort } = content.kind === 'tcp' ? content : {};
  return {
    from: end(link.source, 'out'),
    to: end(link.destination, 'in'),
    source: address(ip.source, sourcePort),
    destination: address(ip.destination, destinationPort),
    ttl: ip.ttl,
    ...(outer !== undefined && {
      outer: {
        source: address(outer.source),
        destination: address(outer.destination),
        ttl: outer.ttl,
      },
    }),
    microseconds: first.time - began,
    copies: Math.max(...[...copies.values()].map((times) => times.length)),
  };
}

/** Marks what was rewritten since the hop before. */
function withChanges(hop: Hop, before: Hop | undefined): Hop {
  if (before === undefined) return hop;
  return {
    ...hop,
    source: withChange(hop.source, before.source),
    destination: withChange(hop.destination, before.destination),
  };
}

function withChange(now: HopAddress, { address, port, role }: HopAddress): HopAddress {
  if (now.address === address && now.port === port) return now;
  const was = {
    address,
    ...(port !== undefined && { port }),
    ...(role !== undefined && { role }),
  };
  return { ...now, was };
}
