const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const ZERO_WIDTH = /\p{Mark}/u;

/** How many columns a printable text without colour takes on a terminal. */
export function displayWidth(text: string): number {
  return Array.from(text, columnsOf).reduce((sum, columns) => sum + columns, 0);
}

/** The text, or as much of it as fits, ended by an ellipsis. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += columnsOf(character);
    if (used > width - 1) break;
    kept += character;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** The text in lines of at most `width` columns, broken between words, and not within a command, where that can be. */
export function wrap(text: string, width: number): readonly string[] {
  if (displayWidth(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of partsOf(text, width)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** Words; a command in backticks is one of them where it fits into a line: who copies it must not get it in two. */
function partsOf(text: string, width: number): readonly string[] {
  const parts: string[] = [];
  let command: string[] = [];
  for (const word of text.split(' ')) {
    const isEdge = word.split('`').length % 2 === 0;
    if (command.length === 0 && !isEdge) parts.push(word);
    else command.push(word);
    if (command.length > 1 && isEdge) {
      parts.push(...wholeIfItFits(command, width));
      command = [];
    }
  }
  return [...parts, ...command].flatMap((part) => chop(part, width));
}

function wholeIfItFits(words: readonly string[], width: number): readonly string[] {
  const whole = words.join(' ');
  return displayWidth(whole) > width ? words : [whole];
}

/** The text in pieces of at most `width` columns, broken anywhere. */
export function chop(text: string, width: number): readonly string[] {
  if (displayWidth(text) <= width) return [text];
  const pieces: string[] = [];
  let piece = '';
  for (const character of text) {
    if (displayWidth(piece) + columnsOf(character) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...pieces, piece];
}

function columnsOf(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
