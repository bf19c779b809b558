/** Why something failed, as far as its output tells. */
export interface FailureReason {
  /** In a few words; not set where the program's own last line says it best. */
  readonly message?: string;
  /** What to do about it: one imperative sentence. */
  readonly hint: string;
}

/** Knows what the programs print that resources run; undefined for what it doesn't know. */
export type ExplainFailure = (output: string) => FailureReason | undefined;
