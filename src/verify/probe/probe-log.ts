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
    if (!/^[a-z]+( \d{1,20}){1,4}$/.test(line)) return undefined;
    const [type, ...numbers] = line.split(' ');
    const [first = '0', second = '0', third = '0', fourth = '0'] = numbers;
    switch (type) {
      case 'began':
        this.#began ??= BigInt(first);
        return undefined;
      case 'begun':
        return { type, index: Number(first) };
      case 'request':
        return {
          type,
          ...{ index: Number(first), at: this.#since(second) },
          ...{ exitCode: Number(third), status: Number(fourth) },
        };
      case 'asked':
      case 'answered':
      case 'finished':
      case 'closed':
        return { type, held: Number(first), at: this.#since(second) };
      case 'paused':
      case 'resumed':
      case 'ended':
        return { type, at: this.#since(first) };
      default:
        return undefined;
    }
  }

  /** A connection may be opened a moment before the first request. */
  #since(nanoseconds: string): number {
    return Number(BigInt(nanoseconds) - (this.#began ?? BigInt(nanoseconds))) / 1e6;
  }
}

const MOST_CHARACTERS = 200;
