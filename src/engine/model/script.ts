/** A piece of POSIX shell in which every foreign value is quoted; made by `sh` and the functions beside it only. */
export interface Script {
  readonly text: string;
  readonly [madeByUs]: true;
}

/** In every copy of this module the same, for a playbook may be loaded with one of its own; no data from outside has it. */
const madeByUs: unique symbol = Symbol.for('lvslab script');

/** What `sh` accepts between `${` and `}`: words are quoted, arrays become several words, scripts go in as they are. */
export type ScriptValue = string | number | readonly (string | number)[] | Script;

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/**
 * Quotes one word for any POSIX shell.
 * @throws RangeError for a NUL byte, which no shell word can hold.
 */
export function quote(word: string): string {
  if (word.includes('\0')) throw new RangeError('a shell word cannot contain a NUL byte');
  return PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Marks text as shell that is safe to run. Only for text without foreign values in it. */
export function trusted(text: string): Script {
  return { text, [madeByUs]: true };
}

/**
 * Shell from a template literal: `` sh`rm -f ${path}` `` quotes `path` as one word.
 * @throws SyntaxError for an escape that JavaScript doesn't know ('\\036'), which a tagged template swallows.
 */
export function sh(
  strings: { readonly raw: readonly string[] } & readonly (string | undefined)[],
  ...values: readonly ScriptValue[]
): Script {
  const parts = strings.map((part, i) => {
    if (part === undefined) throw new SyntaxError(`unknown escape in: ${strings.raw[i] ?? ''}`);
    return i === 0 ? part : asShell(values[i - 1]) + part;
  });
  return trusted(parts.join(''));
}

/** The scripts one after the other, one line each at least; empty ones are left out. */
export function lines(...scripts: readonly (Script | undefined)[]): Script {
  return trusted(
    scripts
      .map((script) => script?.text ?? '')
      .filter((text) => text.trim() !== '')
      .join('\n'),
  );
}

function asShell(value: ScriptValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return quote(String(value));
  if (madeByUs in value) return value.text;
  return value.map((word) => quote(String(word))).join(' ');
}
