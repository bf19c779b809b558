import {
  type Front,
  type FrontPart,
  mergedFront,
  noFront,
  type Shell,
  wholeText,
} from './script-front.ts';

/** A piece of POSIX shell in which every foreign value is quoted; made by `sh` and the functions beside it only. */
export interface Script extends Shell {
  /** All of it, which can be run as it is. */
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
  return made(text, []);
}

/** No commands, but a part that stands in front of all that it is put together with. */
export function inFront(name: string, part: FrontPart): Script {
  return made('', [new Map([[name, part]])]);
}

/** The script without what it needs in front of it, for whoever puts that there. */
export function bodyOf({ body }: Script): Script {
  return trusted(body);
}

/**
 * Shell from a template literal: `` sh`rm -f ${path}` `` quotes `path` as one word.
 *
 * The text is shell as it stands: backslashes need no doubling (`printf '%s\n'`), only `` \` `` and `\${` stand for a
 * backtick and a `${` of the shell's own. A template that begins with a line break is a block: the indentation that all
 * its lines share goes, and so do its first and last line breaks, lines that begin with `## `, which are for the reader of
 * the source, and lines that hold nothing but an empty script. Values are never indented or changed: a line break in them
 * may stand between quotes.
 */
export function sh(
  strings: { readonly raw: readonly string[] },
  ...values: readonly ScriptValue[]
): Script {
  const parts = unindented(strings.raw).map((part) => part.replaceAll(/\\(`|\$\{)/g, '$1'));
  let text = '';
  parts.forEach((part, i) => {
    const shell = i === 0 ? undefined : asShell(values[i - 1]);
    const isEmptyLine = shell === '' && /(^|\n)$/.test(text) && /^(\n|$)/.test(part);
    if (!isEmptyLine) text += (shell ?? '') + part;
    else if (part === '') text = text.slice(0, -1);
    else text += part.slice(1);
  });
  return made(text, values.flatMap(frontOf));
}

/** The scripts one after the other, one line each at least; empty ones are left out. */
export function lines(...scripts: readonly (Script | undefined)[]): Script {
  const given = scripts.filter((script) => script !== undefined);
  const body = given
    .map((script) => script.body)
    .filter((text) => text.trim() !== '')
    .join('\n');
  return made(
    body,
    given.map(({ front }) => front),
  );
}

function made(body: string, fronts: readonly Front[]): Script {
  const front = mergedFront(fronts);
  if (front === noFront) return { text: body, body, front, [madeByUs]: true };
  return {
    ...{ body, front },
    get text() {
      return wholeText({ body, front });
    },
    [madeByUs]: true,
  };
}

function frontOf(value: ScriptValue): readonly Front[] {
  return typeof value === 'object' && madeByUs in value ? [value.front] : [];
}

/** The parts of a block without what `sh` leaves out of one; those of any other template as they are. */
function unindented(parts: readonly string[]): readonly string[] {
  if (parts[0]?.startsWith('\n') !== true) return parts;
  const last = parts.length - 1;
  const read = parts.map((part, i) => {
    const code = part.replaceAll(/\n[ \t]*## [^\n]*(?=\n)/g, '');
    return i === last ? code.replace(/\n[ \t]*$/, '') : code;
  });
  const indentations = read.flatMap((part, i) =>
    [...part.matchAll(i === last ? /\n( *)(?=[^ \n])/g : /\n( *)(?=[^ \n]|$)/g)].map(
      ([, spaces = '']) => spaces.length,
    ),
  );
  const shared = `\n${' '.repeat(Math.min(...indentations, 80))}`;
  return read.map((part, i) => {
    const code = part.replaceAll(shared, '\n');
    return i === 0 ? code.slice(1) : code;
  });
}

function asShell(value: ScriptValue | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return quote(String(value));
  if (madeByUs in value) return value.body;
  return value.map((word) => quote(String(word))).join(' ');
}
