/** Text of a source file, found there exactly once, and what takes its place. */
export interface Edit {
  /** Below the project's folder. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Something that is made wrong on purpose, in a copy of the sources, and the test that has to notice. */
export interface Sabotage {
  readonly what: string;
  readonly edits: readonly Edit[];
  /** The file of the test, below the project's folder, and the end of its name. */
  readonly test: { readonly file: string; readonly name: string };
}

/** A part that is there for the sake of safety alone. */
export interface Device {
  readonly device: string;
  /** What happens where it is not there, as the tests see it. */
  readonly without: string;
  /** The ways in which it is switched off; each of them has to be noticed. */
  readonly off: readonly Sabotage[];
}
