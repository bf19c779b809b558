import { type PlainTable } from '../verify/tables.ts';
import { type Hop, type HopAddress, type HopEnd } from './path/hop.ts';
import { place } from './path/path-end.ts';
import { type TracedPacket, type TraceReport } from './report.ts';

/** How much of a trace is shown. */
export interface TraceView {
  /** The overview alone. */
  readonly brief: boolean;
  /** Every packet that was followed; without it, how the connection was opened, and what was lost. */
  readonly all: boolean;
}

type Row = PlainTable['rows'][number];

/** A trace as tables: what became of the packets wire by wire, in the words of the tutorial, then all that was seen of each. */
export function traceTables(report: TraceReport, view: TraceView): readonly PlainTable[] {
  const { service, client, mode, verdict, conclusion, unheard } = report;
  const shown = view.all ? report.packets : report.packets.filter(isTelling);
  const rows = shown.flatMap((packet) =>
    packet.hops.map((hop, i): Row => [
      packet.name,
      `${place(hop.from)} -> ${place(hop.to)}`,
      addressText(hop.source),
      addressText(hop.destination),
      noteOf(packet, i),
    ]),
  );
  return [
    {
      title: `One request from ${client} to ${service}, ${mode}, as seen on every NIC`,
      columns: ['packet', 'wire', 'source', 'destination', 'what happens'],
      rows,
      verdict: { judgement: verdict, text: conclusion },
      data: { trace: report },
    },
    ...(view.brief ? [] : shown.map(detailsOf)),
    ...(unheard.length === 0
      ? []
      : [
          {
            title: 'Hosts on which nobody could listen',
            columns: ['host', 'why'],
            rows: unheard.map(({ host, reason }) => [host, reason]),
          },
        ]),
  ];
}

/** What opens the connection, or keeps it from being opened, and whatever was lost. */
function isTelling({ name, end }: TracedPacket): boolean {
  return end.kind !== 'arrived' || (name !== 'request' && name !== 'answer');
}

function detailsOf({ name, hops, end }: TracedPacket): PlainTable {
  return {
    title: `${name}, ${hops.length} ${hops.length === 1 ? 'hop' : 'hops'}: ${end.kind === 'arrived' ? `arrived at ${end.host}` : end.text}`,
    columns: ['', 'from', 'to', 'source', 'destination', 'TTL', 'ms'],
    rows: hops.flatMap((hop, i) => hopRows(hop, i + 1)),
  };
}

function hopRows(hop: Hop, number: number): readonly Row[] {
  const { from, to, source, destination, ttl, outer, microseconds, copies } = hop;
  const wire = [nicText(from), nicText(to)];
  const time = (microseconds / 1000).toFixed(3);
  const inner = [markedText(source), markedText(destination), ttl, time];
  const again = copies === 1 ? '' : ` x${copies}`;
  if (outer === undefined) return [[`${number}${again}`, ...wire, ...inner]];
  return [
    [
      `${number}${again}`,
      ...wire,
      addressText(outer.source),
      addressText(outer.destination),
      outer.ttl,
      time,
    ],
    ['', 'in it:', '', ...inner],
  ];
}

/** What a learner is to see at this hop. */
function noteOf({ name, way, hops }: TracedPacket, index: number): string {
  const hop = hops[index];
  if (hop === undefined) return '';
  const { source, destination, outer, from, copies } = hop;
  const again = copies > 1 ? `sent ${copies} times; ` : '';
  if (outer !== undefined) {
    const by = from.host ?? 'the director';
    return `${again}${by} wraps it: ${roleOf(outer.source)} -> ${roleOf(outer.destination)} around it`;
  }
  if (index === 0) return again + firstNote(name, way, hop);
  const changes = [...changeNote('source', source), ...changeNote('destination', destination)];
  if (changes.length > 0) return again + changes.join(', ');
  return `${again}only the MACs change: still ${roleOf(source)} -> ${roleOf(destination)}`;
}

function firstNote(name: string, way: TracedPacket['way'], { from, destination }: Hop): string {
  const host = from.host ?? from.mac;
  if (name === 'RST') return `${host} refuses the connection`;
  if (name.startsWith('ICMP')) return `${host} refuses: ${name.slice('ICMP '.length)}`;
  return way === 'request'
    ? `${host} asks the ${roleOf(destination)}`
    : `${host} answers the ${roleOf(destination)}`;
}

function changeNote(what: string, now: HopAddress): readonly string[] {
  return now.was === undefined ? [] : [`${what} rewritten: ${roleOf(now.was)} -> ${roleOf(now)}`];
}

function roleOf({ role, address }: Pick<HopAddress, 'role' | 'address'>): string {
  return role ?? address;
}

/** 'VIP 192.168.4.133:80'. */
function addressText({ role, address, port }: Omit<HopAddress, 'was'>): string {
  const text = port === undefined ? address : `${address}:${port}`;
  return role === undefined ? text : `${role} ${text}`;
}

function markedText({ was, ...now }: HopAddress): string {
  return was === undefined ? addressText(now) : `${addressText(now)} (was ${roleOf(was)})`;
}

/** A NIC with its MAC; what was not seen there is marked. */
function nicText(end: HopEnd): string {
  const name = end.host === undefined ? end.mac : `${place(end)} ${end.mac}`;
  return end.isSeen ? name : `${name} (not seen)`;
}
