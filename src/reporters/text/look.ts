/** What a rendered text may use of the screen. */
export interface Look {
  /** Columns. */
  readonly width: number;
  readonly color: boolean;
  /** Everything in full: long differences, stacks. */
  readonly verbose: boolean;
}
