import { inspect } from 'node:util';

const HIDDEN = '[redacted]';

/**
 * A password or the like: however it is printed, joined to a text or turned into JSON, it reads '[redacted]'. The value
 * comes out by `reveal` alone, which is called where it is handed over, and nowhere before.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}
