import { describe, expect, test } from '@jest/globals';
import { LoginSlots } from '../../../src/cli/session/hosts/login-slots.ts';

const never = new AbortController().signal;
const LONG_MS = 1_000_000;

/** Logins that end when they are told to. */
class Logins {
  readonly begun: number[] = [];
  readonly #ends = new Map<number, (error?: Error) => void>();

  readonly login = (number: number) => async (): Promise<number> => {
    this.begun.push(number);
    await new Promise<void>((resolve, reject) => {
      this.#ends.set(number, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
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

describe('logins', () => {
  test('begin a few at a time, in their order, and one that fails makes room as well', async () => {
    const slots = new LoginSlots(2, LONG_MS);
    const logins = new Logins();
    const all = [0, 1, 2, 3].map((number) => slots.run(logins.login(number), never));
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
    const slots = new LoginSlots(1, 1);
    const logins = new Logins();
    const all = [0, 1].map((number) => slots.run(logins.login(number), never));
    while (logins.begun.length < 2) await settle();
    await logins.end(0);
    await logins.end(1);
    await Promise.all(all);
    const later = new LoginSlots(1, LONG_MS);
    const first = later.run(logins.login(5), never);
    const second = later.run(logins.login(6), never);
    await settle();
    expect(logins.begun).toEqual([0, 1, 5]);
    await logins.end(5);
    await logins.end(6);
    expect(await Promise.all([first, second])).toEqual([5, 6]);
  });

  test('that wait begin at once when the person asks to stop, to end by themselves', async () => {
    const slots = new LoginSlots(1, LONG_MS);
    const logins = new Logins();
    const person = new AbortController();
    const all = [0, 1, 2].map((number) => slots.run(logins.login(number), person.signal));
    await settle();
    person.abort();
    await settle();
    expect(logins.begun).toEqual([0, 1, 2]);
    for (const number of [0, 1, 2]) await logins.end(number);
    expect(await Promise.all(all)).toEqual([0, 1, 2]);
    const after = slots.run(logins.login(3), never);
    await settle();
    expect(logins.begun).toEqual([0, 1, 2, 3]);
    await logins.end(3);
    await after;
  });
});
