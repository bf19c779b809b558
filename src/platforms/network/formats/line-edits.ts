/** What becomes of single lines of a text; all others stay as they are, byte for byte. */
export interface LineEdits {
  /** By the line's index, from 0. */
  readonly replace: Map<number, string>;
  readonly remove: Set<number>;
  /** Lines that come behind one; behind -1 is the text's beginning. */
  readonly insert: Map<number, string[]>;
}

/** Edits that change nothing yet. */
export function noEdits(): LineEdits {
  return { replace: new Map(), remove: new Set(), insert: new Map() };
}

/** Adds a line behind the one with this index, and behind those that were added there before. */
export function insertBehind({ insert }: LineEdits, index: number, line: string): void {
  const known = insert.get(index);
  if (known === undefined) insert.set(index, [line]);
  else known.push(line);
}

/** The text with the edits made; a line keeps the way it ends, and new ones end as the text's first line does. */
export function applyEdits(text: string, { replace, remove, insert }: LineEdits): string {
  if (replace.size + remove.size + insert.size === 0) return text;
  const all = text.split('\n');
  const end = all.length > 1 && all[0]?.endsWith('\r') === true ? '\r' : '';
  const added = (index: number): readonly string[] =>
    (insert.get(index) ?? []).map((line) => line + end);
  const edited = all.flatMap((line, index) => {
    const ending = line.endsWith('\r') ? '\r' : '';
    const replacement = replace.get(index);
    const own = replacement === undefined ? line : replacement + ending;
    return [...(remove.has(index) ? [] : [own]), ...added(index)];
  });
  const result = [...added(-1), ...edited].join('\n');
  // A line that was added behind an unfinished last one still has to end.
  return insert.has(all.length - 1) && !result.endsWith('\n') ? `${result}\n` : result;
}
