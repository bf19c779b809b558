/** Ctrl-C at a question, Esc in a list, and a question that was withdrawn because the run stops. */
const ENDS = ['ExitPromptError', 'AbortPromptError', 'CancelPromptError'];

/** Whether a question ended because nobody wants to answer it any more; by name, for the library does not export the classes. */
export function isPromptEnd(error: unknown): boolean {
  return error instanceof Error && ENDS.includes(error.name);
}
