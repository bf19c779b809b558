import { InventoryError, type Position, type Problem } from './inventory-error.ts';

/** Collects what is wrong, so that all of it can be told at once. */
export class ProblemList {
  readonly #problems = new Map<string, Problem>();

  /** Adds a problem; the same one at the same place counts once. */
  add({ file, line, column }: Position, message: string, suggestion?: string): void {
    const problem = {
      file,
      line,
      column,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    };
    this.#problems.set(`${file}:${line}:${column}:${message}`, problem);
  }

  /** Ends here when anything was added. */
  throwIfAny(): void {
    if (this.#problems.size > 0) this.stop();
  }

  /** Ends here, with all that was added. */
  stop(): never {
    throw new InventoryError([...this.#problems.values()].sort(byPlace));
  }
}

/** Files stay in the order in which they were read. */
function byPlace(a: Problem, b: Problem): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : 0;
}
