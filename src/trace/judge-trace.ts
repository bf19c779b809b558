import { type CapturePoint, type NicCapture } from './capture/capture.ts';
import { type AddressRoles } from './path/address-roles.ts';
import { alignClocks } from './path/align-clocks.ts';
import { joinHops } from './path/join-hops.ts';
import { type Letter, lettersIn } from './path/letters.ts';
import { pathEnd } from './path/path-end.ts';
import { clientPortIn, type Sighting, sightingsIn } from './path/sighting.ts';
import { type TraceAnswer, type TracedPacket, type TraceReport } from './report.ts';

/** What was captured while a request was made, and what is known of the lab. */
export interface TraceEvidence {
  readonly captures: readonly NicCapture[];
  /** Whether one machine captured all of it. */
  readonly sharesClock: boolean;
  readonly unheard: TraceReport['unheard'];
  /** The client took one of them. */
  readonly ports: { readonly first: number; readonly last: number };
  readonly client: string;
  readonly service: { readonly address: string; readonly port: number; readonly scheduler: string };
  /** By inventory name, with the ports where they listen. */
  readonly servers: ReadonlyMap<string, number>;
  /** What addresses are called, given the client's as it was seen. */
  readonly rolesOf: (clientAddress: string | undefined) => AddressRoles;
  readonly answer: TraceAnswer;
  readonly mode: string;
}

/** Joins what was captured to the paths of the connection's packets, and says where they ended. Pure. */
export function judgeTrace(evidence: TraceEvidence): TraceReport {
  const { captures, ports, client, service, servers, unheard, answer, mode } = evidence;
  const sightings = sightingsIn(captures);
  const clientPort = clientPortIn(sightings, { ports, service });
  const packets = clientPort === undefined ? [] : tracePackets(evidence, { sightings, clientPort });
  const { address, port, scheduler } = service;
  const common = {
    service: `${address}:${port} ${scheduler}`,
    ...{ client, mode, answer, packets, unheard },
    ...(clientPort !== undefined && { clientPort }),
  };
  return { ...common, ...conclude(packets, { answer, servers, client }) };
}

function tracePackets(
  { client, servers, service, unheard, rolesOf, sharesClock, captures }: TraceEvidence,
  {
    sightings,
    clientPort,
  }: { readonly sightings: readonly Sighting[]; readonly clientPort: number },
): readonly TracedPacket[] {
  const serverPorts = new Set([service.port, ...servers.values()]);
  const raw = lettersIn(sightings, { clientPort, serverPorts });
  const letters = sharesClock ? raw : alignClocks(raw, client);
  const roles = rolesOf(letters[0]?.sightings[0]?.packet.ip.source);
  const points: readonly CapturePoint[] = captures.map(({ point }) => point);
  const began = Math.min(...letters.flatMap(({ sightings: seen }) => seen.map(({ time }) => time)));
  const paths = letters.map((letter) => ({
    ...{ name: letter.name, way: letter.way },
    hops: joinHops(letter.sightings, originOf(letter, client), { points, roles, began }),
  }));
  const goals = {
    client,
    servers: new Set(servers.keys()),
    answering: new Set(
      paths.flatMap(({ way, hops }) => (way === 'reply' ? (hops[0]?.from.host ?? []) : [])),
    ),
    unheard: unheard.map(({ host }) => host),
  };
  return paths.map((path) => ({ ...path, end: pathEnd(path, goals) }));
}

/** Where a packet has not lost any of its TTL yet; the requests begin at the client, where it was listened to. */
function originOf({ way, sightings }: Letter, client: string): string | undefined {
  const leaving = sightings.filter(({ direction }) => direction === 'out');
  if (way === 'request' && leaving.some(({ point }) => point.host === client)) return client;
  return leaving.toSorted((a, b) => b.packet.ip.ttl - a.packet.ip.ttl)[0]?.point.host;
}

function conclude(
  packets: readonly TracedPacket[],
  { answer, servers, client }: Pick<TraceEvidence, 'answer' | 'servers' | 'client'>,
): Pick<TraceReport, 'verdict' | 'conclusion'> {
  const lost = packets.find(({ end }) => end.kind === 'lost');
  if (lost?.end.kind === 'lost') {
    return { verdict: 'failed', conclusion: `the ${lost.name} ${lost.end.text}` };
  }
  if (answer.kind === 'answered') {
    const hops = packets.find(({ name }) => name === 'SYN')?.hops.length ?? 0;
    const seen = hops === 0 ? '' : `, ${hops} ${hops === 1 ? 'hop' : 'hops'} away`;
    return { verdict: 'ok', conclusion: `answered by ${answer.server}${seen}` };
  }
  return { verdict: 'failed', conclusion: whyNoAnswer(packets, { answer, servers, client }) };
}

function whyNoAnswer(
  packets: readonly TracedPacket[],
  { answer, servers, client }: Pick<TraceEvidence, 'answer' | 'servers' | 'client'>,
): string {
  if (packets.length === 0) {
    return `no SYN to the VIP was seen: ${client} has no route to it, or nobody answers when it asks for the VIP's MAC`;
  }
  const why = refusal(packets) ?? unseenEnd(packets) ?? silence(packets, servers);
  return why ?? (answer.kind === 'strange' ? `the answer is ${answer.what}` : answer.kind);
}

function refusal(packets: readonly TracedPacket[]): string | undefined {
  const refused = packets.find(({ name }) => name === 'RST' || name.startsWith('ICMP'));
  if (refused?.way !== 'reply') return undefined;
  const by = refused.hops[0]?.from.host ?? 'a host that nobody listened on';
  return `${by} answers with ${refused.name === 'RST' ? 'a RST' : refused.name}`;
}

function unseenEnd(packets: readonly TracedPacket[]): string | undefined {
  for (const { name, end } of packets) if (end.kind === 'unseen') return `the ${name} ${end.text}`;
  return undefined;
}

function silence(
  packets: readonly TracedPacket[],
  servers: ReadonlyMap<string, number>,
): string | undefined {
  if (packets.some(({ way }) => way === 'reply')) return undefined;
  const last = packets.at(-1);
  if (last?.end.kind !== 'arrived' || !servers.has(last.end.host)) return undefined;
  return `the ${last.name} reached ${last.end.host}, which sent nothing back`;
}
