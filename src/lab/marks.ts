/** What a service's mark depends on. */
interface Markable {
  readonly vip: { readonly value: string } | undefined;
  readonly protocol: 'tcp' | 'udp';
  readonly entry: {
    readonly value: {
      readonly ports?: readonly number[] | undefined;
      readonly mark?: number | undefined;
    };
  };
}

/** Marks that lvslab chooses: of four digits, where container runtimes, tunnels and mesh networks have none of theirs. */
const FIRST = 1000;
const COUNT = 9000;

/**
 * The firewall mark of each service that has several ports, undefined for the others: the given one, or one that follows from
 * its VIP, its protocol and its lowest port, so that it stays the same whatever else the list has. Only where two would be
 * the same, the later one in the list takes the next that is free.
 */
export function chooseMarks(services: readonly Markable[]): readonly (number | undefined)[] {
  const taken = new Set(services.flatMap(({ entry }) => entry.value.mark ?? []));
  return services.map(({ vip, protocol, entry: { value } }) => {
    if (value.ports === undefined) return undefined;
    if (value.mark !== undefined) return value.mark;
    const name = `${protocol} ${vip?.value ?? ''} ${Math.min(...value.ports)}`;
    const mark = firstFree(hashOf(name) % COUNT, taken);
    taken.add(mark);
    return mark;
  });
}

function firstFree(start: number, taken: ReadonlySet<number>): number {
  let offset = start;
  while (taken.has(FIRST + offset)) offset = (offset + 1) % COUNT;
  return FIRST + offset;
}

/** FNV-1a of 32 bits: it spreads texts that differ in one figure. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
