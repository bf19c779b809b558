/** One line of a probe, in milliseconds since the probe began. */
export type ProbeEvent =
  | { readonly type: 'begun'; readonly index: number }
  | {
      readonly type: 'request';
      readonly index: number;
      readonly at: number;
      /** curl's exit status. */
      readonly exitCode: number;
      readonly status: number;
    }
  | {
      readonly type: 'asked' | 'answered' | 'finished' | 'closed';
      /** Which of the held connections, counted from 1. */
      readonly held: number;
      readonly at: number;
    }
  | { readonly type: 'paused' | 'resumed' | 'ended'; readonly at: number };

/** Reads the lines of a probe as they arrive, in pieces; what is no line of it is passed over. */
export class ProbeLog {
  readonly events: ProbeEvent[] = [];
  #rest = '';
  #began: bigint | undefined;

  get hasBegun(): boolean {
    return this.#began !== undefined;
  }

  /** @returns the events that this piece has completed. */
  read(text: string): readonly ProbeEvent[] {
    const parts = (this.#rest + text).split('\n');
    // A host that says something without end is not listened to.
    this.#rest = (parts.pop() ?? '').slice(-MOST_CHARACTERS);
    const found = parts.flatMap((line) => this.#readLine(line) ?? []);
    this.events.push(...found);
    return found;
  }

  #readLine(line: string): ProbeEvent | undefined {
    const [, type = '', numbers = ''] = /^([a-z]+)((?: \d{1,20}){1,4})$/.exec(line) ?? [];
    const fields = numbers.trim().split(' ');
    if (type === 'began') this.#began ??= BigInt(fields[0] ?? 0);
    return this.#eventOf(type, fields);
  }

  /** @param fields decimal, as many as the line had. */
  #eventOf(type: string, fields: readonly string[]): ProbeEvent | undefined {
    const [first = '0', second = '0', third = '0', fourth = '0'] = fields;
    if (type === 'begun') return { type, index: Number(first) };
    if (type === 'request') {
      const [index, at] = [Number(first), this.#since(second)];
      return { type, index, at, exitCode: Number(third), status: Number(fourth) };
    }
    if (isOneOf(HELD_TYPES, type)) return { type, held: Number(first), at: this.#since(second) };
    return isOneOf(WHOLE_TYPES, type) ? { type, at: this.#since(first) } : undefined;
  }

  /** A connection may be opened a moment before the first request. */
  #since(nanoseconds: string): number {
    return Number(BigInt(nanoseconds) - (this.#began ?? BigInt(nanoseconds))) / 1e6;
  }
}

const MOST_CHARACTERS = 200;
const HELD_TYPES = ['asked', 'answered', 'finished', 'closed'] as const;
const WHOLE_TYPES = ['paused', 'resumed', 'ended'] as const;

function isOneOf<T extends string>(types: readonly T[], type: string): type is T {
  return types.some((known) => known === type);
}
