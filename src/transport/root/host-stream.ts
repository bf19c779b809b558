import { Duplex } from 'node:stream';

/** RFC 4253, 4.2: a server may send lines before its identification; OpenSSH reads as many of them. */
const MAX_LINES = 1024;
const MAX_BYTES = 64 * 1024;

/**
 * The bytes to and from a host, of which nothing is handed on before its identification ('SSH-2.0-…') is there as a whole:
 * ssh2 reads one only if it comes in at most two pieces, and would read lines before it for ever. What ssh2 writes in one go, a
 * packet after the other, goes down as one: a ProxyCommand sends a second small piece only once the host has acknowledged the
 * first, a whole round trip later (RFC 896).
 */
export class HostStream extends Duplex {
  readonly #below: Duplex;
  readonly #onGreeting: () => void;
  #greeting: Buffer | undefined = Buffer.alloc(0);
  #lines = 0;
  /** Where the line begins that is not whole yet. */
  #lineStart = 0;
  /** Written, and not yet handed down. */
  #written: Buffer[] = [];
  /** Below, no more is taken for now; called when it is. */
  #onDrain: ((error?: Error | null) => void) | undefined;
  #isFull = false;

  constructor(
    below: Duplex,
    /** Called when the identification is there. */
    onGreeting: () => void,
  ) {
    super();
    this.#below = below;
    this.#onGreeting = onGreeting;
    below.on('data', (chunk: Buffer) => {
      this.#read(chunk);
    });
    below.on('end', () => {
      if (this.#greeting === undefined) this.push(null);
      else this.destroy(new Error(this.#withoutGreeting()));
    });
    below.on('error', (error) => this.destroy(error));
    below.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#below.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#written.push(chunk) === 1)
      process.nextTick(() => {
        this.#handDown();
      });
    if (this.#isFull) this.#onDrain = done;
    else done();
  }

  override _final(done: () => void): void {
    this.#handDown();
    this.#below.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#below.destroy();
    done(error);
  }

  #handDown(): void {
    const [first, ...others] = this.#written;
    this.#written = [];
    if (first === undefined || this.#below.destroyed) return;
    const isTaken = this.#below.write(
      others.length === 0 ? first : Buffer.concat([first, ...others]),
    );
    if (isTaken || this.#isFull) return;
    this.#isFull = true;
    this.#below.once('drain', () => {
      this.#isFull = false;
      const done = this.#onDrain;
      this.#onDrain = undefined;
      done?.();
    });
  }

  #read(chunk: Buffer): void {
    if (this.#greeting !== undefined) {
      this.#readGreeting(chunk);
      return;
    }
    if (!this.push(chunk)) this.#below.pause();
  }

  #readGreeting(chunk: Buffer): void {
    const greeting = Buffer.concat([this.#greeting ?? Buffer.alloc(0), chunk]);
    this.#greeting = greeting;
    for (let end = greeting.indexOf('\n', this.#lineStart); end >= 0;) {
      if (greeting.toString('latin1', this.#lineStart, this.#lineStart + 4) === 'SSH-') {
        this.#greeting = undefined;
        this.#onGreeting();
        this.push(greeting);
        return;
      }
      this.#lineStart = end + 1;
      this.#lines++;
      end = greeting.indexOf('\n', this.#lineStart);
    }
    if (this.#lines <= MAX_LINES && greeting.length <= MAX_BYTES) return;
    this.destroy(new Error('it sends other things without end, and no SSH identification'));
  }

  #withoutGreeting(): string {
    const said = (this.#greeting ?? '').toString().trim().slice(0, 100);
    return `it closed the connection ${said === '' ? 'without a word' : `after: ${said}`}`;
  }
}
