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
    const problems = [...this.#problems.values()];
    // Files stay in the order in which they were read.
    const files = [...new Set(problems.map(({ file }) => file))];
    throw new InventoryError(
      problems.sort(
        (a, b) =>
          files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
      ),
    );
  }
}
