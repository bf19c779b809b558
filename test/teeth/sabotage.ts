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
  readonly test: NoticingTest;
}

export interface NoticingTest {
  /** Below the project's folder. */
  readonly file: string;
  /** As it stands there. */
  readonly name: string;
  /** What takes the places of the `%s` in the name. */
  readonly row?: readonly string[];
}

/** The end of the full name under which a test is told of. */
export function nameOf({ name, row = [] }: NoticingTest): string {
  return row.reduce((text, word) => text.replace('%s', word), name);
}

/** A part that is there for the sake of safety alone. */
export interface Device {
  readonly device: string;
  /** What happens where it is not there, as the tests see it. */
  readonly without: string;
  /** The ways in which it is switched off; each of them has to be noticed. */
  readonly off: readonly Sabotage[];
}
