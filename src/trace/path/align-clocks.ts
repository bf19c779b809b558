import { type Letter } from './letters.ts';
import { type Sighting } from './sighting.ts';

/**
 * The same letters on one clock, the client's: each host's is set by the connection itself, as NTP does it. The SYN must
 * have taken as long to the host as the reply from there.
 * @param client the host that opened the connection.
 */
export function alignClocks(letters: readonly Letter[], client: string): readonly Letter[] {
  const opening = letters.find(({ name }) => name === 'SYN');
  const reply = letters.find(({ name, way }) => way === 'reply' && name !== 'answer');
  const hosts = new Set(
    letters.flatMap(({ sightings }) => sightings.map(({ point }) => point.host)),
  );
  const ahead = new Map(
    [...hosts].map((host) => [host, clockOffset(host, { client, opening, reply })] as const),
  );
  return letters.map((letter) => ({
    ...letter,
    sightings: letter.sightings
      .map((seen) => ({ ...seen, time: seen.time - (ahead.get(seen.point.host) ?? 0) }))
      .toSorted((a, b) => a.time - b.time),
  }));
}

/** By how many microseconds a host's clock is ahead of the client's. */
function clockOffset(
  host: string,
  {
    client,
    opening,
    reply,
  }: {
    readonly client: string;
    readonly opening: Letter | undefined;
    readonly reply: Letter | undefined;
  },
): number {
  if (host === client) return 0;
  const sent = firstAt(opening, client);
  const came = firstAt(opening, host);
  const left = lastAt(reply, host);
  const arrived = lastAt(reply, client);
  if (sent !== undefined && came !== undefined) {
    const there = came - sent;
    if (left === undefined || arrived === undefined) return there;
    return (there + (left - arrived)) / 2;
  }
  return left !== undefined && arrived !== undefined ? left - arrived : 0;
}

function timesAt(letter: Letter | undefined, host: string): readonly number[] {
  const seen = letter?.sightings.filter(({ point }: Sighting) => point.host === host) ?? [];
  return seen.map(({ time }) => time);
}

function firstAt(letter: Letter | undefined, host: string): number | undefined {
  const times = timesAt(letter, host);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Of the first copy: a packet that was sent again has nothing to tell about clocks. */
function lastAt(letter: Letter | undefined, host: string): number | undefined {
  const first = new Map<string, number>();
  for (const { point, direction, time } of letter?.sightings ?? []) {
    if (point.host !== host) continue;
    const place = `${point.device} ${direction}`;
    first.set(place, Math.min(time, first.get(place) ?? time));
  }
  return first.size === 0 ? undefined : Math.max(...first.values());
}
