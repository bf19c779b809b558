const LONGEST = 60;

/** A foreign value as it may stand in a message: on one line, short, nothing in it that a terminal would obey. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : asJson(value);
  const plain = text.replaceAll(/[\p{C}\u2028\u2029]/gu, escaped);
  return plain.length <= LONGEST
    ? plain
    : `${plain.slice(0, LONGEST)}… (${text.length} characters)`;
}

function asJson(value: unknown): string {
  try {
    return value === undefined ? 'nothing' : JSON.stringify(value);
  } catch {
    return 'a value that refers to itself';
  }
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
