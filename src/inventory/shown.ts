const LONGEST = 60;

/**
 * A foreign value as it may stand in a message: on one line, short, nothing in it that a terminal would obey. A long
 * one ends between two characters, never inside one or inside its escape.
 */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : asJson(value);
  const characters = Array.from(text);
  let plain = '';
  for (const character of characters) {
    const next = plain + character.replace(/[\p{C}\u2028\u2029]/u, escaped);
    if (next.length > LONGEST) return `${plain}… (${characters.length} characters)`;
    plain = next;
  }
  return plain;
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
