import { type Hop } from './hop.ts';

/** How the way of a packet ended, as far as it was seen. */
export type PathEnd =
  /** At the host that it was for. */
  | { readonly kind: 'arrived'; readonly host: string }
  /** `text` tells the last place where it was seen; `host` is where it vanished, where that is known. */
  | { readonly kind: 'lost'; readonly host?: string; readonly text: string }
  /** Where it went on to, nobody listened. */
  | { readonly kind: 'unseen'; readonly text: string };

/** The hosts between which a packet goes. */
export interface Goals {
  readonly client: string;
  /** Hosts that answer requests. */
  readonly servers: ReadonlySet<string>;
  /** Hosts that sent something back by themselves: where a request has come there, it has come to its end. */
  readonly answering: ReadonlySet<string>;
  /** Hosts of the lab on which nothing was captured. */
  readonly unheard: readonly string[];
}

/** Where the packet's way ended. @param packet with one hop at least. */
export function pathEnd(packet: HoppingPacket, goals: Goals): PathEnd {
  const last = packet.hops.at(-1);
  if (last === undefined) throw new TypeError('a path without a hop');
  const { to } = last;
  if (!to.isSeen) return notReached(last, goals);
  const host = to.host ?? to.mac;
  if (!isGoal(host, packet, goals)) {
    const text = `reached ${place(to)}, and did not leave ${host} again`;
    return { kind: 'lost', host, text };
  }
  return isStrange(packet, last) ? strangeSource(last, host) : { kind: 'arrived', host };
}

interface HoppingPacket {
  readonly name: string;
  readonly way: 'request' | 'reply';
  readonly hops: readonly Hop[];
}

function isGoal(
  host: string,
  { way }: Pick<HoppingPacket, 'way'>,
  { client, servers, answering }: Goals,
): boolean {
  return way === 'reply' ? host === client : servers.has(host) || answering.has(host);
}

/** A reply that does not come from where the client sent its request; errors may come from any host on the way. */
function isStrange({ way, name }: HoppingPacket, { source }: Hop): boolean {
  return way === 'reply' && !name.startsWith('ICMP') && source.role !== 'VIP';
}

function strangeSource({ from, to, source }: Hop, host: string): PathEnd {
  const { address, port, role } = source;
  const past = from.host === undefined ? '' : `, straight from ${from.host}`;
  const named = [role, port === undefined ? address : `${address}:${port}`].join(' ').trim();
  return {
    kind: 'lost',
    host,
    text: `reached ${place(to)}${past} with the source ${named}: the client asked the VIP, knows of no such connection, and drops it`,
  };
}

function notReached({ from, to, destination }: Hop, { unheard }: Goals): PathEnd {
  const left = `left ${place(from)}`;
  if (to.host !== undefined) {
    return { kind: 'lost', host: to.host, text: `${left}, and never reached ${place(to)}` };
  }
  const role = destination.role === undefined ? '' : `${destination.role} `;
  const towards = `towards ${role}${destination.address} through ${to.mac}`;
  if (unheard.length > 0) {
    return {
      kind: 'unseen',
      text: `${left} ${towards}; nobody listened on ${unheard.join(', ')}`,
    };
  }
  return {
    kind: 'lost',
    text: `${left} ${towards}, which is no NIC of the lab, and was not seen again`,
  };
}

/** 'director ens37'. */
export function place({ host, device, mac }: Hop['from']): string {
  return host === undefined ? mac : `${host} ${device ?? ''}`.trim();
}
