/** Shell with what it needs in front of it. */
export interface Shell {
  /** Its own commands. */
  readonly body: string;
  readonly front: Front;
}

/** What has to stand in front of shell, by name: of scripts that are put together, each part stands there once. */
export type Front = ReadonlyMap<string, FrontPart>;

/** A function that several scripts call, or a reading that is done once for all who want something of it. */
export interface FrontPart {
  readonly kind: 'function' | 'reading';
  /** What is wanted of it, in the order in which it was asked for. */
  readonly wanted: ReadonlySet<string>;
  /** Pure: its shell, for all that is wanted. A reading sets variables, and prints nothing; how it ends is of no matter. */
  readonly make: (wanted: readonly string[]) => Shell;
}

/** A part in front of shell, ready to be run. */
export interface ReadyPart extends Pick<FrontPart, 'kind'> {
  readonly name: string;
  readonly body: string;
}

/** Nothing. */
export const noFront: Front = new Map();

/** What has to be run in front, in this order: the functions first, then the readings, each behind those that it wants something of. */
export function frontParts(front: Front): readonly ReadyPart[] {
  let known = front;
  // What is in front may need something in front of itself, or more of what is there already.
  for (;;) {
    const ready = [...known].map(([name, { kind, make, wanted }]) => ({
      ...{ name, kind },
      shell: make([...wanted]),
    }));
    const all = mergedFront([known, ...ready.map(({ shell }) => shell.front)]);
    if (sizeOf(all) === sizeOf(known)) {
      return inOrder(ready)
        .map(({ name, kind, shell: { body } }) => ({ name, kind, body }))
        .toSorted((one, other) => one.kind.localeCompare(other.kind));
    }
    known = all;
  }
}

/** Each part behind those that stand in front of its own shell; which of two that want each other comes first is of no matter. */
function inOrder<Part extends { readonly name: string; readonly shell: Shell }>(
  parts: readonly Part[],
): readonly Part[] {
  const named = new Map(parts.map((part) => [part.name, part]));
  const begun = new Set<string>();
  const placed: Part[] = [];
  const place = (part: Part | undefined): void => {
    if (part === undefined || begun.has(part.name)) return;
    begun.add(part.name);
    for (const name of part.shell.front.keys()) place(named.get(name));
    placed.push(part);
  };
  for (const part of parts) place(part);
  return placed;
}

/** All that has to stand in front of several. */
export function mergedFront(fronts: readonly Front[]): Front {
  const filled = fronts.filter(({ size }) => size > 0);
  if (filled.length < 2) return filled[0] ?? noFront;
  const merged = new Map<string, FrontPart>();
  for (const [name, part] of filled.flatMap((front) => [...front])) {
    const wanted = new Set([...(merged.get(name)?.wanted ?? []), ...part.wanted]);
    merged.set(name, { ...part, wanted });
  }
  return merged;
}

/** Shell that can be run as it is. A reading in it does not take what follows for its input. */
export function wholeText({ body, front }: Shell): string {
  const parts = frontParts(front).map((part) =>
    part.kind === 'reading' ? `{\n${part.body}\n} </dev/null` : part.body,
  );
  return [...parts, body].filter((text) => text !== '').join('\n');
}

function sizeOf(front: Front): number {
  return [...front.values()].reduce((sum, { wanted }) => sum + 1 + wanted.size, 0);
}
