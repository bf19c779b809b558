/** What the exit status of lvslab means. */
export const EXIT = {
  /** Done, or nothing to do. */
  ok: 0,
  /** A host failed, the input was wrong, or the verdict is "failed". */
  failed: 1,
  /** `plan` found changes that wait to be applied. */
  changesPending: 2,
  /** `diagnose` found a lab that is not as it should be, or could not be read, and no cause for it. */
  unnamed: 3,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;
