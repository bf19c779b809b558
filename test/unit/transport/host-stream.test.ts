import { setImmediate as nextTurn } from 'node:timers/promises';
import { Duplex } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { HostStream } from '../../../src/transport/root/host-stream.ts';

/** What was written below, piece by piece. */
class Below extends Duplex {
  readonly pieces: string[] = [];
  #taken: (() => void) | undefined;
  readonly #isSlow: boolean;

  constructor(isSlow = false) {
    super({ writableHighWaterMark: 16 });
    this.#isSlow = isSlow;
  }

  override _read(): void {
    // Nothing comes from it.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.pieces.push(chunk.toString());
    if (this.#isSlow) this.#taken = done;
    else done();
  }

  takeOne(): void {
    const done = this.#taken;
    this.#taken = undefined;
    done?.();
  }
}

const over = (below: Below): HostStream => new HostStream(below, () => undefined);

describe('what is written to a host', () => {
  test('in one go goes down in one piece', async () => {
    const below = new Below();
    const stream = over(below);
    stream.write('new keys ');
    stream.write('and the request for a service');
    await nextTurn();
    stream.write('later');
    await nextTurn();
    expect(below.pieces).toEqual(['new keys and the request for a service', 'later']);
  });

  test('goes down before the end does', async () => {
    const below = new Below();
    const stream = over(below);
    stream.write('a word ');
    stream.end('of leave');
    await nextTurn();
    expect(below.pieces).toEqual(['a word of leave']);
    expect(below.writableEnded).toBe(true);
  });

  test('waits while nothing is taken below, and all of it arrives in its order', async () => {
    const below = new Below(true);
    const stream = over(below);
    const told: string[] = [];
    const written = ['more than sixteen bytes', ' second', ' third', ' fourth'];
    for (const text of written) {
      stream.write(text, () => told.push(text));
      await nextTurn();
    }
    expect(below.pieces).toEqual(['more than sixteen bytes']);
    expect(told).not.toContain(' fourth');
    for (let times = 0; times < 20; times++) {
      below.takeOne();
      await nextTurn();
    }
    expect(told).toEqual(written);
    expect(below.pieces.join('')).toBe(written.join(''));
  });

  test('is dropped once the stream is destroyed, and nothing fails', async () => {
    const below = new Below();
    const stream = over(below);
    stream.write('too late');
    stream.destroy();
    await nextTurn();
    expect(below.pieces).toEqual([]);
  });
});
