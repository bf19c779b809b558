import { describe, expect, jest, test } from '@jest/globals';
import { HostTurns, type TurnLimits } from '../../../src/cli/session/hosts/host-turns.ts';

const never = new AbortController().signal;
const LONG_MS = 1_000_000;

function fixed(count: number): TurnLimits {
  return { first: count, most: count };
}

/** Logins and first sessions that end when they are told to, at the same time. */
class Logins {
  readonly begun: number[] = [];
  readonly #ends = new Map<number, (error?: Error) => void>();

  readonly login =
    (number: number) =>
    async (endTurn: () => void): Promise<number> => {
      this.begun.push(number);
      await new Promise<void>((resolve, reject) => {
        this.#ends.set(number, (error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      });
      endTurn();
      return number;
    };

  async end(number: number, error?: Error): Promise<void> {
    this.#ends.get(number)?.(error);
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
}

describe('turns of hosts', () => {
  test('begin a few at a time, in their order, and one that fails makes room as well', async () => {
    const turns = new HostTurns(fixed(2), LONG_MS);
    const logins = new Logins();
    const all = [0, 1, 2, 3].map((number) => turns.run(logins.login(number), never));
    const outcomes = Promise.allSettled(all);
    await settle();
    expect(logins.begun).toEqual([0, 1]);
    await logins.end(1, new Error('refused'));
    expect(logins.begun).toEqual([0, 1, 2]);
    await logins.end(0);
    expect(logins.begun).toEqual([0, 1, 2, 3]);
    await logins.end(2);
    await logins.end(3);
    expect((await outcomes).map(({ status }) => status)).toEqual([
      ...['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    ]);
  });

  test('of a host that says nothing keep nobody waiting for long, and make room only once', async () => {
    const turns = new HostTurns(fixed(1), 1);
    const logins = new Logins();
    const all = [0, 1].map((number) => turns.run(logins.login(number), never));
    while (logins.begun.length < 2) await settle();
    await logins.end(0);
    await logins.end(1);
    await Promise.all(all);
    const later = new HostTurns(fixed(1), LONG_MS);
    const first = later.run(logins.login(5), never);
    const second = later.run(logins.login(6), never);
    await settle();
    expect(logins.begun).toEqual([0, 1, 5]);
    await logins.end(5);
    await logins.end(6);
    expect(await Promise.all([first, second])).toEqual([5, 6]);
  });

  test('that wait begin at once when the person asks to stop, to end by themselves', async () => {
    const turns = new HostTurns(fixed(1), LONG_MS);
    const logins = new Logins();
    const person = new AbortController();
    const all = [0, 1, 2].map((number) => turns.run(logins.login(number), person.signal));
    await settle();
    person.abort();
    await settle();
    expect(logins.begun).toEqual([0, 1, 2]);
    for (const number of [0, 1, 2]) await logins.end(number);
    expect(await Promise.all(all)).toEqual([0, 1, 2]);
    const after = turns.run(logins.login(3), never);
    await settle();
    expect(logins.begun).toEqual([0, 1, 2, 3]);
    await logins.end(3);
    await after;
  });

  test('are over when the first session is, not before', async () => {
    const turns = new HostTurns(fixed(1), LONG_MS);
    const begun: string[] = [];
    let endFirst = (): void => undefined;
    const first = await turns.run(async (end) => {
      endFirst = end;
      return Promise.resolve('logged in');
    }, never);
    expect(first).toBe('logged in');
    const second = turns.run(async (end) => {
      begun.push('second');
      end();
      return Promise.resolve();
    }, never);
    await settle();
    expect(begun).toEqual([]);
    endFirst();
    endFirst();
    await second;
    expect(begun).toEqual(['second']);
  });

  test('are waited for longer where all take longer', async () => {
    const turns = new HostTurns(fixed(1), 20);
    const take = (milliseconds: number) => async (end: () => void) => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      end();
    };
    for (let turn = 0; turn < 4; turn += 1) await turns.run(take(200), never);
    // Three times what was typical is some hundred milliseconds now, so this one keeps its turn.
    const order: string[] = [];
    await Promise.all([
      turns.run(async (end) => {
        await take(100)(end);
        order.push('slow');
      }, never),
      turns.run(async (end) => {
        order.push('next');
        end();
        return Promise.resolve();
      }, never),
    ]);
    expect(order).toEqual(['slow', 'next']);
  });

  test('that take long make room for one host after the other, not for all at once', async () => {
    const turns = new HostTurns(fixed(4), 50);
    const begunAt: number[] = [];
    const ends: (() => void)[] = [];
    const all = Array.from({ length: 7 }, () =>
      turns.run(async () => {
        begunAt.push(performance.now());
        await new Promise<void>((resolve) => ends.push(resolve));
      }, never),
    );
    while (ends.length < 7) await new Promise((resolve) => setTimeout(resolve, 10));
    const later = begunAt.slice(4);
    const gaps = later.slice(1).map((at, i) => at - (later[i] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(45);
    for (const end of ends) end();
    await Promise.all(all);
  });

  /** How many have their turn at a time in the end, where each takes what `takesMs` says of so many. */
  async function mostAtATime(takesMs: (busy: number) => number): Promise<number> {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const turns = new HostTurns({ first: 2, most: 12 }, LONG_MS);
    let [busy, most] = [0, 0];
    const all = Array.from({ length: 100 }, () =>
      turns.run(async (end) => {
        busy += 1;
        most = Math.max(most, busy);
        await new Promise((resolve) => setTimeout(resolve, takesMs(busy)));
        busy -= 1;
        end();
      }, never),
    );
    for (let step = 0; step < 100; step += 1) await jest.advanceTimersByTimeAsync(1000);
    jest.useRealTimers();
    await Promise.all(all);
    return most;
  }

  test('are more and more at a time where that makes none of them longer', async () => {
    expect(await mostAtATime(() => 400)).toBe(12);
  });

  test('stay few where each takes the longer the more there are', async () => {
    expect(await mostAtATime((busy) => 100 * busy ** 2)).toBeLessThan(6);
  });
});
