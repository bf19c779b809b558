import { expect } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONFIRM_SECONDS, Invocation, isHeld, type Wish } from './simulated-controllers.ts';
import { SimulatedHost } from './simulated-host.ts';

/** What the timer and the job together leave to a change. */
const WINDOW = CONFIRM_SECONDS + 10;

export const CONTROLLERS = ['alice', 'bob'] as const;
export type Name = (typeof CONTROLLERS)[number];

/**
 * Two controllers and a host, and what must be so whenever all of them have come to rest. What may happen next depends on
 * what the host has made of what came before: it is read there.
 */
export class Model {
  readonly host = new SimulatedHost();
  readonly invocations = new Map<Name, Invocation>();
  /** What the page and the card were before lvslab came. */
  #original: { readonly page: string; readonly card: string } | undefined;
  /** What the card is as far as it was decided. */
  #card = '';
  #count = 0;

  constructor() {
    writeFileSync(this.host.at('etc/page'), 'original page');
    writeFileSync(this.host.at('etc/card'), 'original card');
    this.#card = 'original card';
  }

  running(name: Name): Invocation | undefined {
    const invocation = this.invocations.get(name);
    return invocation?.end === undefined ? invocation : undefined;
  }

  get allRunning(): readonly Invocation[] {
    return CONTROLLERS.flatMap((name) => this.running(name) ?? []);
  }

  begin(name: Name, what: Wish['nic'] | 'teardown'): Invocation {
    const wish = what === 'teardown' ? what : { text: `text ${++this.#count}`, nic: what };
    const invocation = new Invocation(this.host, wish, name);
    this.invocations.set(name, invocation);
    return invocation;
  }

  /** Does something, waits until nothing moves any more, and looks at what must always be so. */
  async step(act: () => Promise<void> | void): Promise<void> {
    const before = { page: this.host.read('etc/page'), card: this.host.read('etc/card') };
    const isUntouched = this.#original === undefined;
    await act();
    await this.#settle();
    if (this.host.read('state/journal') === '') this.#original = undefined;
    else if (isUntouched) this.#original = before;
    this.#check();
  }

  async #settle(): Promise<void> {
    await until(
      () => this.allRunning.flatMap(({ events }) => events.map(({ type }) => type)).join(' '),
      () =>
        this.allRunning.every(({ isWaiting }) => isWaiting) &&
        (!this.host.isAtWork || isHeld(this.host)),
    );
  }

  #check(): void {
    expect(this.host.read('violations')).toBe('');
    if (this.host.pendingChanges.length > 0) return;
    // Decided: as it was, or confirmed over a connection that the change was made without.
    const card = this.host.read('etc/card');
    if (card === this.#card) return;
    const atChange = Number(this.host.read('connections-before'));
    const newer = this.host.confirmations.filter(({ connection }) => connection > atChange);
    expect({ card, newer: newer.length > 0 }).toEqual({ card, newer: true });
    this.#card = card;
  }

  /** Whatever has happened: the host gets what is wanted of it, and gives all of it back. */
  async finish(): Promise<void> {
    const { host } = this;
    for (let turn = 0; turn < 10 && (isHeld(host) || this.allRunning.length > 0); turn++) {
      await this.step(() => this.letGo());
    }
    expect(this.allRunning).toEqual([]);
    const { page, card } = { page: host.read('etc/page'), card: host.read('etc/card') };
    this.#original ??= { page, card };
    expect(await this.#toItsEnd({ text: 'the last', nic: 'well' })).toBe('proved');
    expect(host.pendingChanges).toEqual([]);
    expect([host.read('etc/page'), host.read('etc/card')]).toEqual(['the last', 'the last']);
    expect(await this.#toItsEnd('teardown')).toBe('proved');
    const now = { page: host.read('etc/page'), card: host.read('etc/card') };
    expect(now).toEqual(this.#original);
    expect(['state', 'runtime'].filter((name) => existsSync(host.at(name)))).toEqual([]);
  }

  /** What holds the host up goes on: the step at its gate, or the change that keeps everybody out is taken back. */
  async letGo(): Promise<void> {
    const { host } = this;
    if (host.read('arrived') !== '') {
      writeFileSync(host.at('go'), 'x');
      await until('the step goes on', () => host.read('go') === '');
    } else {
      await until('the change is taken back', (tries) => {
        // What is only being armed begins to count later.
        if (tries % 100 === 0) host.passTime(WINDOW);
        return !isHeld(host);
      });
    }
  }

  async #toItsEnd(wish: Wish | 'teardown'): Promise<Invocation['end']> {
    const last = new Invocation(this.host, wish, 'last');
    while (last.end === undefined) {
      await sleep(20);
      if (last.isWaiting) await this.letGo();
    }
    this.#check();
    return last.end;
  }
}

/** Waits for what comes soon, or is a failure. */
async function until(
  what: string | (() => string),
  isSo: (tries: number) => boolean,
): Promise<void> {
  for (let tries = 0; !isSo(tries); tries++) {
    if (tries > 6000) throw new Error(`it hangs: ${typeof what === 'string' ? what : what()}`);
    await sleep(10);
  }
}
