import { InventoryError, type Position, type Problem } from './inventory-error.ts';

/** Collects what is wrong, so that all of it can be told at once. */
export class ProblemList {
  readonly #problems = new Map<string, Problem>();
  readonly #warnings = new Map<string, Problem>();

  /** Adds a problem; the same one at the same place counts once. */
  add(at: Position, message: string, suggestion?: string): void {
    this.#problems.set(...entryOf(at, message, suggestion));
  }

  /** Adds what a person should know although nothing is wrong with the lab. */
  warn(at: Position, message: string, suggestion?: string): void {
    this.#warnings.set(...entryOf(at, message, suggestion));
  }

  /** What was added so far. */
  get all(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /** What was warned of, in the order in which it was found. */
  get warnings(): readonly Problem[] {
    return [...this.#warnings.values()];
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

function entryOf(
  { file, line, column }: Position,
  message: string,
  suggestion?: string,
): readonly [string, Problem] {
  const problem = { file, line, column, message, ...(suggestion !== undefined && { suggestion }) };
  return [`${file}:${line}:${column}:${message}`, problem];
}
