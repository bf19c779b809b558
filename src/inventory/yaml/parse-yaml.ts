import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  visit,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';

import { TEMPLATES } from './jinja.ts';
import { type Position } from '../inventory-error.ts';
import { type ProblemList } from '../problem-list.ts';
import { shown } from '../shown.ts';
import { VaultedText } from '../vault/vaulted-text.ts';

const MAX_ALIASES = 100;
/** How V8 words it; the parser passes it on as an error of the file. */
const STACK = 'call stack';
const TAB = 'TAB_AS_INDENT';

/** A parsed file that knows where each of its keys stands. */
export interface YamlFile {
  readonly file: string;
  /** Plain data, and VaultedText; anchors and merge keys are resolved. */
  readonly data: unknown;
  /** The file was encrypted: no message shows what stands in it. */
  readonly hidden: boolean;
  /** Where the key at the end of `path` stands, or the nearest place above it. */
  at(path: readonly string[]): Position;
}

/** Ansible's own tags: an encrypted value, and a text in which it looks for no template. */
const TAGS = [
  ...['!vault', '!vault-encrypted'].map((tag) => ({
    tag,
    resolve: (text: string) => new VaultedText(text),
  })),
  { tag: '!unsafe', resolve: (text: string) => text },
];

/** Parses YAML as Ansible understands it (version 1.1), or adds problems and returns undefined. */
export function parseYaml(
  file: string,
  text: string,
  problems: ProblemList,
  { hidden = false }: { readonly hidden?: boolean } = {},
): YamlFile | undefined {
  if (text.startsWith('#!')) {
    const suggestion =
      'ansible-inventory -i FILE --list --yaml --export runs it and writes what it says';
    problems.add(
      { file, line: 1, column: 1 },
      'this is a program; dynamic inventories are not run',
      suggestion,
    );
    return undefined;
  }
  const ini = firstIniLine(text);
  if (ini !== undefined) {
    const words = ['ansible-inventory', '-i', file, '--list', '--yaml', '--export'];
    const command = [...words, '--output', `${file.replace(/\.\w+$/, '')}.yml`]
      .map(typed)
      .join(' ');
    const suggestion = `\`${command}\` converts it`;
    problems.add({ file, line: ini, column: 1 }, 'this is an INI file, not YAML', suggestion);
    return undefined;
  }
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  try {
    const document = parseDocument(text, {
      version: '1.1',
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      // The parser compares each key with all before it: a minute for a file of 1 MB. `isSound` does it in one pass.
      uniqueKeys: false,
      customTags: TAGS,
      logLevel: 'error',
    });
    if (
      !isSound(document, text, (offset, message) => {
        problems.add(position(offset), hidden ? HIDDEN : message);
      })
    )
      return undefined;
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { file, data, hidden, at: (path) => position(offsetOf(document, path)) };
  } catch (error) {
    problems.add(position(0), hidden ? HIDDEN : `not usable as YAML: ${reasonOf(error)}`);
    return undefined;
  }
}

/** Complaints of the parser may quote what stands in the file. */
const HIDDEN = 'what is encrypted is not usable as YAML from here on (ansible-vault edit opens it)';

/** '[group]', '[group:vars]', with a comment behind it or not. */
const INI_SECTION = /^\[(?=[^\]]*[A-Za-z_])[^[\]{}"',]+\]\s*(?:[#;].*)?$/;
/** A host with its variables, or a variable: words with `=` in all but the first, which nothing of YAML begins with. */
const INI_ENTRY =
  /^(?![-?] |---|[{}%&*!|>@`"'])[^\s=#]+(?:\s*=.*|\s+[\w.-]+\s*=.*|\s+[#;].*)?\s*$/s;

/** A word as a shell takes it. */
function typed(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * The line where a file of Ansible's other format begins: one that has sections, and no line before the first of them that
 * is YAML's; or nothing but hosts.
 */
function firstIniLine(text: string): number | undefined {
  const rows = text.split('\n').map((row) => row.replace(/\r$/, ''));
  const filled = rows.flatMap((row, index) => (/^\s*(#|;|$)/.test(row) ? [] : [{ row, index }]));
  const [first] = filled;
  if (first === undefined) return undefined;
  const section = filled.findIndex(({ row }) => INI_SECTION.test(row));
  const head = section === -1 ? filled : filled.slice(0, section);
  const isEntry = ({ row }: { readonly row: string }): boolean =>
    INI_ENTRY.test(row) && !/^[^\s=]*:(?:\s|$)/.test(row);
  // A single word may be any text; a variable behind it, or a section, is none of YAML.
  const isSure = section !== -1 || head.some(({ row }) => row.includes('='));
  return isSure && head.every(isEntry) ? first.index + 1 : undefined;
}

/** Tells whether the parser read all of it and no key is in one mapping twice; reports what is wrong. */
function isSound(
  document: Document.Parsed,
  text: string,
  report: (offset: number, message: string) => void,
): boolean {
  const complaints = [...document.errors, ...document.warnings];
  // These make the parser complain of all that comes after them, too.
  const root = complaints.find(({ code, message }) => code === TAB || message.includes(STACK));
  for (const error of root === undefined ? complaints : [root]) {
    report(error.pos[0], complaint(text, error));
  }
  if (complaints.length > 0) return false;
  return keysAndAliasesAreSound(document, report);
}

function keysAndAliasesAreSound(
  document: Document.Parsed,
  report: (offset: number, message: string) => void,
): boolean {
  let sound = true;
  let aliases = 0;
  const refuse = (offset: number | undefined, message: string): void => {
    sound = false;
    report(offset ?? 0, message);
  };
  visit(document, {
    Map(_, map) {
      for (const offset of repeatedKeys(map)) refuse(offset, 'this key is in the mapping twice');
    },
    Alias(_, alias, path) {
      aliases += 1;
      const target = resolveAlias(document, alias);
      if (target !== undefined && path.includes(target)) {
        refuse(alias.range?.[0], `the alias *${shown(alias.source)} refers to itself`);
      }
      if (aliases <= MAX_ALIASES) return undefined;
      refuse(alias.range?.[0], `there are more than ${MAX_ALIASES} aliases`);
      return visit.BREAK;
    },
  });
  return sound;
}

/** What the reader can do with. An unquoted template is read as a mapping with a mapping as its key. */
function complaint(text: string, { code, message, pos: [offset] }: YAMLError): string {
  if (text.slice(Math.max(0, offset - 1), offset + 2).includes('{{')) return TEMPLATES;
  if (code === TAB) return 'the line is indented with a tab; YAML takes only blanks';
  if (code === 'MULTIPLE_DOCS') return 'the file holds several YAML documents';
  return reasonOf({ message });
}

function repeatedKeys(map: YAMLMap): readonly number[] {
  const seen = new Set<string>();
  return map.items.flatMap(({ key }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const again = seen.has(name) && name !== '<<';
    seen.add(name);
    return again ? [startOf(key) ?? 0] : [];
  });
}

/** Too deep a nesting ends in a RangeError, too many aliases in a ReferenceError. */
function reasonOf(error: unknown): string {
  const message =
    typeof error === 'object' && error !== null && 'message' in error
      ? String(error.message)
      : String(error);
  if (message.includes(STACK)) return 'it is nested too deeply';
  return /excessive alias/i.test(message) ? 'it has too many aliases' : firstLine(message);
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/[.:]$/, '');
}

function offsetOf(document: Document.Parsed, path: readonly string[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const key of path) {
    const map = isAlias(node) ? resolveAlias(document, node) : node;
    if (!isMap(map)) return offset;
    const pairs = pairsOf(map);
    const pair = pairs.get(key) ?? pairs.get('<<');
    if (pair === undefined) return offset;
    offset = startOf(pair.key) ?? offset;
    node = pair.value;
  }
  return offset;
}

/** Each look for an anchor walks through the document. */
const targets = new WeakMap<Alias, Node | undefined>();

function resolveAlias(document: Document.Parsed, alias: Alias): Node | undefined {
  if (!targets.has(alias)) targets.set(alias, alias.resolve(document));
  return targets.get(alias);
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

/** Maps are asked for each of their keys in turn: an index keeps great files from taking minutes. */
const indexes = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
  const known = indexes.get(map);
  if (known !== undefined) return known;
  const index = new Map(
    map.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', pair]),
  );
  indexes.set(map, index);
  return index;
}
