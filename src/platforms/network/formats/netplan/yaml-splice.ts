import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isScalar, isSeq, type Node, parseDocument, stringify } from 'yaml';

/** Keys and indexes that lead to a node. */
export type YamlPath = readonly (string | number)[];

/**
 * The text with one value set: in the place of a value that stands there, or added behind its siblings; what is missing on
 * the way there is made. Everything else keeps its bytes; only where the layout is a rare one, the text is laid out anew,
 * with its comments.
 * @param value a scalar, a list or an object.
 */
export function setYaml(text: string, path: YamlPath, value: unknown): string {
  const doc = parseDocument(text);
  const wanted = doc.clone();
  wanted.setIn(path, wanted.createNode(value));
  return checked(() => spliceIn(text, doc, path, value), wanted);
}

/** The text with one item more at the end of a list; the list is made where it is missing. */
export function addYaml(text: string, path: YamlPath, item: unknown): string {
  const list = parseDocument(text).getIn(path, true);
  return isSeq(list)
    ? setYaml(text, [...path, list.items.length], item)
    : setYaml(text, path, [item]);
}

/**
 * The text without a value, and without the lists and maps that held nothing else.
 * @param stays how many of the path's first keys stay in any case.
 */
export function dropYaml(text: string, path: YamlPath, stays: number): string {
  const doc = parseDocument(text);
  const parent = doc.getIn(path.slice(0, -1), true);
  const isOnly = (isSeq(parent) || isMap(parent)) && parent.items.length === 1;
  if (isOnly && path.length - 1 > stays) return dropYaml(text, path.slice(0, -1), stays);
  const wanted = doc.clone();
  wanted.deleteIn(path);
  return checked(() => cutOut(text, doc, path), wanted);
}

/** A splice is good when it reads as the change made to the document does. */
function checked(splice: () => string | undefined, wanted: Document): string {
  const spliced = splice();
  if (spliced !== undefined) {
    const read = parseDocument(spliced);
    if (read.errors.length === 0 && isDeepStrictEqual(read.toJS(), wanted.toJS())) return spliced;
  }
  return wanted.toString({ lineWidth: 0 });
}

function spliceIn(
  text: string,
  doc: Document.Parsed,
  path: YamlPath,
  value: unknown,
): string | undefined {
  const found = doc.getIn(path, true);
  if (isScalar(found)) return replaceRange(text, found, flow(value));
  const [parentPath, key] = [path.slice(0, -1), path.at(-1)];
  const parent = doc.getIn(parentPath, true);
  if (key === undefined || found !== undefined) return undefined;
  if (isMap(parent)) {
    return parent.flow === true
      ? intoFlow(text, parent, `${flow(key)}: ${flow(value)}`)
      : behindLast(
          text,
          parent,
          stringify({ [key]: value }, { indent: indentOf(text), lineWidth: 0 }),
        );
  }
  if (isSeq(parent)) {
    return parent.flow === true
      ? intoFlow(text, parent, flow(value))
      : behindLast(text, parent, stringify([value], { lineWidth: 0 }));
  }
  return path.length < 2 ? undefined : spliceIn(text, doc, parentPath, { [key]: value });
}

function replaceRange(text: string, { range }: Node, value: string): string | undefined {
  if (range == null) return undefined;
  const [start, end] = range;
  // A key without a value ends at its colon.
  const gap = start === end && !/\s$/.test(text.slice(0, start)) ? ' ' : '';
  return text.slice(0, start) + gap + value + text.slice(end);
}

function flow(value: unknown): string {
  const doc = new Document(value);
  if (isMap(doc.contents) || isSeq(doc.contents)) doc.contents.flow = true;
  return doc.toString({ lineWidth: 0, flowCollectionPadding: false }).trim();
}

type Collection = Node & { readonly items: readonly unknown[] };

function intoFlow(text: string, { range, items }: Collection, item: string): string | undefined {
  if (range == null) return undefined;
  const close = range[1] - 1;
  const before = text.slice(0, close);
  const inside = before.trimEnd();
  const comma = items.length === 0 ? '' : inside.endsWith(',') ? ' ' : ', ';
  return inside + comma + item + before.slice(inside.length) + text.slice(close);
}

/** Lines in the column of the collection's first item, behind the line where its last item ends. */
function behindLast(text: string, collection: Collection, block: string): string | undefined {
  const { range, items } = collection;
  const end = endOf(items.at(-1));
  if (range == null || end === undefined) return undefined;
  const column = range[0] - startOfLine(text, range[0]);
  const at = endOfLine(text, end);
  const lines = block
    .trimEnd()
    .split('\n')
    .map((line) => `\n${' '.repeat(column)}${line}`);
  return text.slice(0, at) + lines.join('') + text.slice(at);
}

function cutOut(text: string, doc: Document.Parsed, path: YamlPath): string | undefined {
  const parent = doc.getIn(path.slice(0, -1), true);
  if (!isMap(parent) && !isSeq(parent)) return undefined;
  const items: readonly unknown[] = parent.items;
  const key = path.at(-1);
  const index = isSeq(parent)
    ? Number(key)
    : parent.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
  const [start, end] = [startOf(items[index]), endOf(items[index])];
  if (start === undefined || end === undefined) return undefined;
  if (parent.flow !== true) {
    const first = startOfLine(text, start);
    return text.slice(0, first) + text.slice(endOfLine(text, end) + 1);
  }
  const [next, before] = [startOf(items[index + 1]), endOf(items[index - 1])];
  if (next !== undefined) return text.slice(0, start) + text.slice(next);
  return text.slice(0, before ?? start) + text.slice(end);
}

function startOf(item: unknown): number | undefined {
  return partsOf(item)[0]?.[0];
}

/** Behind the last byte of the value; of a pair without one, of its key. */
function endOf(item: unknown): number | undefined {
  return partsOf(item).at(-1)?.[1];
}

function partsOf(item: unknown): readonly (readonly number[])[] {
  if (typeof item !== 'object' || item === null) return [];
  const nodes: readonly unknown[] =
    'key' in item && 'value' in item ? [item.key, item.value] : [item];
  return nodes.flatMap((node) =>
    typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
      ? [node.range as readonly number[]]
      : [],
  );
}

function startOfLine(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** Where the line ends in which the byte before `at` stands. */
function endOfLine(text: string, at: number): number {
  const from = text.charAt(at - 1) === '\n' ? at - 1 : at;
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/** By how many columns the first nested line stands in. */
function indentOf(text: string): number {
  return Math.min(
    8,
    /^[^\s#-][^\n]*:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*( +)/m.exec(text)?.[1]?.length ?? 2,
  );
}
