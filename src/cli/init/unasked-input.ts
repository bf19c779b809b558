import { setImmediate as turn } from 'node:timers/promises';

const CTRL_C = 0x03;

/**
 * The terminal's input while nothing is asked: what is typed is thrown away, shows nowhere, and answers no later question;
 * Ctrl-C interrupts.
 */
export class UnaskedInput {
  readonly #stdin: NodeJS.ReadStream;
  #isHeld = false;

  constructor(stdin: NodeJS.ReadStream) {
    this.#stdin = stdin;
  }

  /** From now on nothing is asked. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#stdin.on('data', this.#onTyped);
    this.#stdin.on('pause', this.#onPause);
    this.#listen();
  }

  /** Resolves when all that was typed until now is gone, so that a question can be asked at once. */
  async release(): Promise<void> {
    // One turn for what the terminal holds, and one more for what came while that was read.
    await turn();
    await turn();
    this.#stop();
  }

  /** Gives the terminal back as it was. */
  end(): void {
    if (!this.#isHeld) return;
    this.#stop();
    this.#stdin.setRawMode(false);
    this.#stdin.pause();
  }

  #stop(): void {
    this.#isHeld = false;
    this.#stdin.off('data', this.#onTyped);
    this.#stdin.off('pause', this.#onPause);
  }

  #listen(): void {
    this.#stdin.setRawMode(true);
    this.#stdin.resume();
  }

  /** A raw terminal sends no signal of its own. */
  readonly #onTyped = (typed: Buffer | string): void => {
    // A question that somebody else asks meanwhile, for a passphrase, sees the key itself.
    if (this.#stdin.listenerCount('keypress') > 0) return;
    if (Buffer.from(typed).includes(CTRL_C)) process.kill(process.pid, 'SIGINT');
  };

  /** So such a question ends: it leaves the terminal paused and cooked. */
  readonly #onPause = (): void => {
    setImmediate(() => {
      if (this.#isHeld && this.#stdin.listenerCount('keypress') === 0) this.#listen();
    });
  };
}
