import { type ProblemList } from '../problem-list.ts';

const MAX_BYTES = 1024 * 1024;

/** The text of a file, or undefined and a problem when it is none: too long, not UTF-8, control characters in it. */
export function decodeText(
  file: string,
  bytes: Uint8Array,
  problems: ProblemList,
): string | undefined {
  const start = { file, line: 1, column: 1 };
  if (bytes.length > MAX_BYTES) {
    problems.add(start, `the file has ${bytes.length} bytes, more than the ${MAX_BYTES} allowed`);
    return undefined;
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    problems.add(
      { file, ...lineAndColumn(validStart(bytes)) },
      'the file is not UTF-8 text from here on',
    );
    return undefined;
  }
  return hasControlCharacters(file, text, problems) ? undefined : text;
}

/** YAML forbids them, and no value of an inventory needs them. */
function hasControlCharacters(file: string, text: string, problems: ProblemList): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  const match = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(text);
  if (match === null) return false;
  const code = match[0].charCodeAt(0).toString(16).padStart(2, '0');
  const at = lineAndColumn(text.slice(0, match.index));
  problems.add({ file, ...at }, `control character 0x${code} in the file`);
  return true;
}

/** The longest beginning of the bytes that is UTF-8. */
function validStart(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes).split('\uFFFD', 1)[0] ?? '';
}

function lineAndColumn(before: string): { readonly line: number; readonly column: number } {
  const lines = before.split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
