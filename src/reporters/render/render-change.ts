import { structuredPatch } from 'diff';
import { type Change } from '../../engine/model/resource.ts';
import { chop, cut, displayWidth } from '../text/fit-text.ts';
import { createPalette, type Palette } from '../text/palette.ts';
import { printable, printableLines } from '../text/printable-text.ts';
import { type Look } from '../text/look.ts';

/** Create, update, remove. */
export type Sign = '+' | '~' | '-';

/** The sign in its colour. */
export function renderSign(sign: Sign, { green, yellow, red }: Palette): string {
  return { '+': green, '~': yellow, '-': red }[sign](sign);
}

/** The value side of a change in one line of at most `look.width` columns; undefined when it doesn't fit into one. */
export function renderInline(change: Change, look: Look): string | undefined {
  if (hasManyLines(change)) return undefined;
  const text = [
    ...(change.from === undefined || change.to === change.from ? [] : [shown(change.from)]),
    ...(change.knownAfterApply ? ['(known after apply)'] : []),
    ...(change.to === undefined || change.knownAfterApply ? [] : [shown(change.to)]),
  ].join(' → ');
  return displayWidth(text) > look.width ? undefined : text;
}

/** The value side of a change as lines of a unified diff, long ones shortened unless `look.verbose`. */
export function renderDiff(change: Change, look: Look): readonly string[] {
  const lines = diffLines(change);
  const limit = look.verbose || lines.length <= MAX_LINES + 1 ? lines.length : MAX_LINES;
  const palette = createPalette(look.color);
  const rest = lines.length - limit;
  return [
    ...lines.slice(0, limit).flatMap((line) => renderLine(line, look, palette)),
    ...(rest === 0 ? [] : [palette.dim(`… ${rest} more lines (--verbose shows them)`)]),
  ];
}

/** How many lines of a diff are shown where not everything is asked for. */
const MAX_LINES = 12;

/** Differences beyond this are shown as one text removed and the other added: finding the common parts takes too long. */
const MAX_EDITS = 500;

function hasManyLines({ from, to }: Change): boolean {
  const sides = [from, to].filter((side) => side !== undefined);
  const onlyNewlineDiffers = sides.length === 2 && from !== to && shownSide(from) === shownSide(to);
  return onlyNewlineDiffers || sides.some((side) => shownSide(side)?.includes('\n'));
}

/** A newline at the very end is what text files end with, and no second line. */
function shownSide(side: string | undefined): string | undefined {
  return side?.replace(/\n$/, '');
}

function shown(side: string): string {
  return side === '' ? "''" : printable(side.replace(/\n$/, ''));
}

function diffLines({ from = '', to = '', knownAfterApply }: Change): readonly string[] {
  if (knownAfterApply) {
    const before = from === '' ? [] : printableLines(from);
    return [...before.map((line) => `-${line}`), '+(known after apply)'];
  }
  // Where both end alike, whether that is with a newline is not what differs.
  const endsAlike = from === '' || to === '' || from.endsWith('\n') === to.endsWith('\n');
  const ended = (side: string): string => (endsAlike ? side.replace(/([^\n])$/, '$1\n') : side);
  const patch = structuredPatch('', '', ended(from), ended(to), undefined, undefined, {
    context: 2,
    maxEditLength: MAX_EDITS,
  });
  if (patch === undefined) {
    return [
      ...printableLines(from).map((line) => `-${line}`),
      ...printableLines(to).map((line) => `+${line}`),
    ];
  }
  return patch.hunks.flatMap(({ lines }, i) => [...(i === 0 ? [] : ['…']), ...lines]);
}

function renderLine(line: string, { width, verbose }: Look, palette: Palette): readonly string[] {
  const sign = line.slice(0, 1);
  const text = printable(line.slice(1));
  const paint = { '+': palette.green, '-': palette.red, ' ': (same: string) => same }[sign];
  if (paint === undefined)
    return [palette.dim(sign === '\\' ? '  (no newline at the end)' : '  …')];
  const pieces = verbose ? chop(text, width - 2) : [cut(text, width - 2)];
  return pieces.map((piece, i) => paint(`${i === 0 ? sign : ' '} ${piece}`.trimEnd()));
}
