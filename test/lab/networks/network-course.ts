import { Cell } from './cell.ts';
import { type NetworkCase } from './network-case.ts';
import { type CaseEnd, tryCase } from './try-case.ts';

/** How a case ended, or why it did not end well. */
type Outcome = CaseEnd | Error;

/** All cases of one flavour, from the first cell to the last: each cell takes one after the other, side by side. */
export class NetworkCourse {
  readonly #cases: readonly NetworkCase[];
  readonly #cells: readonly string[];
  readonly #outcomes = new Map<NetworkCase, Outcome>();
  #tellAll: (() => void)[] = [];
  #work: Promise<unknown> = Promise.resolve();

  /** @param cells their names. */
  constructor(cases: readonly NetworkCase[], cells: readonly string[]) {
    this.#cases = cases;
    this.#cells = cells;
  }

  begin(): void {
    const waiting = [...this.#cases];
    this.#work = Promise.all(this.#cells.map((name) => this.#workIn(name, waiting)));
  }

  /** Waits for it. */
  async outcomeOf(one: NetworkCase): Promise<Outcome> {
    for (;;) {
      const outcome = this.#outcomes.get(one);
      if (outcome !== undefined) return outcome;
      await new Promise<void>((resolve) => this.#tellAll.push(resolve));
    }
  }

  /** Waits for all of them; the cells are gone then. */
  async end(): Promise<void> {
    await this.#work;
  }

  async #workIn(name: string, waiting: NetworkCase[]): Promise<void> {
    let cell: Cell | undefined;
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const began = performance.now();
      const { flavour } = one;
      const outcome = await outcomeIn(async () => (cell ??= await Cell.open(name, flavour)), one);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const said = outcome instanceof Error ? outcome.message : outcome;
      process.stderr.write(`${seconds} s on ${flavour} in ${name}: ${one.name}: ${said}\n`);
      this.#outcomes.set(one, outcome);
      for (const tell of this.#tellAll.splice(0)) tell();
    }
    await cell?.close();
  }
}

async function outcomeIn(open: () => Promise<Cell>, one: NetworkCase): Promise<Outcome> {
  try {
    return await tryCase(await open(), one);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
