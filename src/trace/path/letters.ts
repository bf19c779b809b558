import { type Packet } from '../packets/packet.ts';
import { type ConnectionNumbers, type Sighting, wayOf } from './sighting.ts';

/** One packet of the connection, wherever it was seen. */
export interface Letter {
  /** 'SYN', 'SYN-ACK', 'request', 'answer', 'RST', 'ICMP port unreachable' … */
  readonly name: string;
  readonly way: 'request' | 'reply';
  readonly sightings: readonly Sighting[];
}

/** What the codes of "destination unreachable" say, where a lab meets them. */
const UNREACHABLE: ReadonlyMap<number, string> = new Map([
  [0, 'network unreachable'],
  [1, 'host unreachable'],
  [2, 'protocol unreachable'],
  [3, 'port unreachable'],
  [4, 'fragmentation needed'],
  [9, 'network prohibited'],
  [10, 'host prohibited'],
  [13, 'administratively prohibited'],
]);

const ERRORS: ReadonlyMap<number, string> = new Map([
  [4, 'source quench'],
  [5, 'redirect'],
  [11, 'time exceeded'],
  [12, 'parameter problem'],
]);

/**
 * The packets of a connection that tell its story, in the order in which they come: how it was opened, the request, the
 * answer, and what went wrong. Acknowledgements alone, and what follows the first packet of the answer, are passed over.
 */
export function lettersIn(
  sightings: readonly Sighting[],
  numbers: ConnectionNumbers,
): readonly Letter[] {
  const letters = new Map<string, Letter & { readonly rank: number; readonly first: number }>();
  for (const sighting of sightings.toSorted((a, b) => a.time - b.time)) {
    const way = wayOf(sighting.packet, numbers);
    const known = way === undefined ? undefined : nameOf(sighting.packet, way);
    if (way === undefined || known === undefined) continue;
    const { name, rank, key } = known;
    const letter = letters.get(`${way} ${key}`);
    letters.set(`${way} ${key}`, {
      ...{ name, way, rank },
      first: letter?.first ?? sighting.time,
      sightings: [...(letter?.sightings ?? []), sighting],
    });
  }
  return firstData([...letters.values()])
    .toSorted((a, b) => a.rank - b.rank || a.first - b.first)
    .map(({ name, way, sightings: seen }) => ({ name, way, sightings: seen }));
}

/** What a packet is called, and by what its copies are known. */
interface Naming {
  readonly name: string;
  /** By rank they follow each other in a connection, whatever the clocks of the hosts say. */
  readonly rank: number;
  readonly key: string;
}

function nameOf({ content }: Packet, way: Letter['way']): Naming | undefined {
  return content.kind === 'icmp-error' ? errorName(content) : segmentName(content, way);
}

function errorName({ type, code }: { readonly type: number; readonly code: number }): Naming {
  const what = type === 3 ? UNREACHABLE.get(code) : ERRORS.get(type);
  const name = `ICMP ${what ?? `${type}/${code}`}`;
  return { name, rank: 5, key: name };
}

function segmentName(
  { isSyn, isAck, isRst, payloadBytes, sequence }: Extract<Packet['content'], { kind: 'tcp' }>,
  way: Letter['way'],
): Naming | undefined {
  // The RST of a host that knows nothing of the connection may have any number.
  if (isRst) return { name: 'RST', rank: 6, key: 'RST' };
  if (isSyn) {
    const name = isAck ? 'SYN-ACK' : 'SYN';
    return { name, rank: isAck ? 2 : 1, key: `${name} ${sequence}` };
  }
  if (payloadBytes === 0) return undefined;
  const [name, rank] = way === 'request' ? (['request', 3] as const) : (['answer', 4] as const);
  return { name, rank, key: `${name} ${sequence}` };
}

/** Of the data of each way, the first packet. */
function firstData<T extends Pick<Letter, 'name'> & { readonly first: number }>(
  letters: readonly T[],
): readonly T[] {
  const firstOf = (name: string): T | undefined =>
    letters.filter((letter) => letter.name === name).toSorted((a, b) => a.first - b.first)[0];
  return letters.filter(
    (letter) => !['request', 'answer'].includes(letter.name) || letter === firstOf(letter.name),
  );
}
