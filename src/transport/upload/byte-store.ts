const BLOCK = 64 * 1024;

/** Bytes in blocks of one size: those that come one by one take no more memory than others. */
export class ByteStore {
  readonly #full: Buffer[] = [];
  #block: Buffer = Buffer.alloc(0);
  #used = 0;

  get length(): number {
    return this.#full.length * BLOCK + this.#used;
  }

  add(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0;) {
      if (this.#block.length === 0) this.#block = Buffer.allocUnsafe(BLOCK);
      const copied = rest.copy(this.#block, this.#used);
      rest = rest.subarray(copied);
      this.#used += copied;
      if (this.#used === BLOCK) this.#startBlock();
    }
  }

  text(): string {
    return Buffer.concat([...this.#full, this.#block.subarray(0, this.#used)]).toString('utf8');
  }

  #startBlock(): void {
    this.#full.push(this.#block);
    this.#block = Buffer.alloc(0);
    this.#used = 0;
  }
}

/** The last bytes of many: at least as many as it is made for, in memory that does not grow. */
export class ByteTail {
  readonly #kept: number;
  #bytes: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor(kept: number) {
    this.#kept = kept;
  }

  add(chunk: Buffer): void {
    if (this.#bytes.length === 0) this.#bytes = Buffer.allocUnsafe(2 * this.#kept);
    const last = chunk.subarray(Math.max(0, chunk.length - this.#kept));
    if (this.#used + last.length > this.#bytes.length) {
      this.#bytes.copyWithin(0, this.#used - this.#kept, this.#used);
      this.#used = this.#kept;
    }
    this.#used += last.copy(this.#bytes, this.#used);
  }

  /** Takes the last bytes away. */
  cut(count: number): void {
    this.#used = Math.max(0, this.#used - count);
  }

  text(): string {
    return this.#bytes.toString('utf8', 0, this.#used);
  }
}
