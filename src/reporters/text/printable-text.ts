// C0 and C1 controls, the marks that turn the reading direction round, and the two Unicode line separators.
const UNPRINTABLE =
  // eslint-disable-next-line no-control-regex -- these are what it is about
  /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r' };

/** Text from elsewhere as one line that can't move the cursor, colour the screen or hide a part of itself. */
export function printable(text: string): string {
  return text
    .replaceAll('\t', '    ')
    .replaceAll(UNPRINTABLE, (character) => SHORT_ESCAPES[character] ?? escapeOf(character));
}

/** The lines of a text from elsewhere, each made printable; the newline at its end makes no line of its own. */
export function printableLines(text: string): readonly string[] {
  return text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map(printable);
}

/** JSON whose texts can't do to a terminal what `printable` keeps them from; it means the same. */
export function escaped(json: string): string {
  return json.replaceAll(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escapeOf(character: string): string {
  const hex = character.charCodeAt(0).toString(16);
  return hex.length > 2 ? `\\u${hex.padStart(4, '0')}` : `\\x${hex.padStart(2, '0')}`;
}
