const MAX_CHARACTERS = 300;

/** What a host says, as a part of an error's sentence: not more than a few lines of it. */
export function shortened(text: string): string {
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}…`;
}
