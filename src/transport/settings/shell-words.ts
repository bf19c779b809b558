/** A word's piece: quoted by ', quoted by ", one escaped character, or plain text. */
const PIECE = /'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])|([^\s'"\\]+)/y;

/**
 * Splits a string into words as a POSIX shell does, without expanding anything.
 * @throws RangeError for a quote that is not closed.
 */
export function splitShellWords(text: string): readonly string[] {
  const words: string[] = [];
  let position = 0;
  while (position < text.length) {
    const [blank = ''] = /^\s*/.exec(text.slice(position)) ?? [];
    position += blank.length;
    if (position >= text.length) break;
    const { word, end } = readWord(text, position);
    words.push(word);
    position = end;
  }
  return words;
}

function readWord(text: string, start: number): { readonly word: string; readonly end: number } {
  let word = '';
  let end = start;
  while (end < text.length && !/\s/.test(text.charAt(end))) {
    PIECE.lastIndex = end;
    const piece = PIECE.exec(text);
    if (piece === null) throw new RangeError(`a quote is not closed: ${text.slice(end)}`);
    const [all, single, double, escaped, plain] = piece;
    word += single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain ?? '';
    end += all.length;
  }
  return { word, end };
}
