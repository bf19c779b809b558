import CliTable from 'cli-table3';
import { displayWidth, wrap } from '../text/fit-text.ts';
import { createPalette, type Palette } from '../text/palette.ts';
import { printable } from '../text/printable-text.ts';
import { type Look } from '../text/look.ts';

/** How something was judged. */
export type Judgement = 'ok' | 'failed' | 'warning' | 'skipped';

/** Plain text, a number (set to the right), or a judgement in its colour, with other words for it if there are any. */
type TableCell = string | number | { readonly judgement: Judgement; readonly text?: string };

/** A result: what was looked at, line by line, and what it comes to. */
export interface Table {
  readonly title?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
  readonly verdict?: { readonly judgement: Judgement; readonly text: string };
  /** The same in full, for programs; people are not shown it. */
  readonly data?: object;
}

/** The table in plain ASCII lines, no wider than the look allows; long cells are wrapped between words. */
export function renderTable({ title, columns, rows, verdict }: Table, look: Look): string {
  const palette = createPalette(look.color);
  return [
    ...(title === undefined ? [] : [...wrap(printable(title), look.width).map(palette.bold), '']),
    ...(columns.length === 0 ? [] : renderGrid({ columns, rows }, look, palette)),
    ...(verdict === undefined ? [] : ['', ...renderVerdict(verdict, look, palette)]),
    '',
  ].join('\n');
}

/** Columns of space between two columns of the table. */
const BETWEEN = 2;

function renderGrid(
  { columns, rows }: Pick<Table, 'columns' | 'rows'>,
  { width }: Look,
  palette: Palette,
): readonly string[] {
  const widths = fitColumns(columns, rows, width);
  const table = new CliTable({
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': BETWEEN, compact: true },
    colWidths: widths.map((columnWidth) => columnWidth + BETWEEN),
    colAligns: columns.map((_, i) => (isNumeric(rows, i) ? 'right' : 'left')),
  });
  const fit = (text: string, column: number): readonly string[] => wrap(text, widths[column] ?? 1);
  table.push(columns.map((column, i) => fit(printable(column), i).map(palette.bold).join('\n')));
  table.push(widths.map((columnWidth) => palette.dim('-'.repeat(columnWidth))));
  for (const row of rows) {
    table.push(row.map((cell, i) => fit(cellText(cell), i).map(paintOf(cell, palette)).join('\n')));
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((name) => [name, '']),
);

/** As wide as the content is; where that is too much, columns with many words give way first, then the widest. */
function fitColumns(
  columns: readonly string[],
  rows: Table['rows'],
  width: number,
): readonly number[] {
  const texts = columns.map((column, i) => [
    printable(column),
    ...rows.map((row) => cellText(row[i] ?? '')),
  ]);
  const widths = texts.map((column) => Math.max(...column.map(displayWidth)));
  const longestWords = texts.map((column) =>
    Math.max(...column.flatMap((text) => text.split(' ')).map(displayWidth)),
  );
  const available = width - BETWEEN * (widths.length - 1);
  while (sum(widths) > available && Math.max(...widths) > 1) {
    const slack = widths.map((columnWidth, i) => columnWidth - (longestWords[i] ?? 0));
    const measure = Math.max(...slack) > 0 ? slack : widths;
    const widest = measure.lastIndexOf(Math.max(...measure));
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Numbers stand under each other by their last digit, also where one of them is not known. */
function isNumeric(rows: Table['rows'], column: number): boolean {
  return rows.some((row) => typeof row[column] === 'number');
}

/** What is longer is no entry of a table, but something that a host has made up. */
const MAX_CELL = 1000;

function cellText(cell: TableCell): string {
  const text = typeof cell === 'object' ? (cell.text ?? cell.judgement) : String(cell);
  if (text.length <= MAX_CELL) return printable(text);
  // Not within a pair of surrogates.
  return `${printable(text.slice(0, MAX_CELL).replace(/[\ud800-\udbff]$/, ''))}…`;
}

function paintOf(cell: TableCell, palette: Palette): (text: string) => string {
  return typeof cell === 'object' ? paint(cell.judgement, palette) : (text) => text;
}

function renderVerdict(
  { judgement, text }: NonNullable<Table['verdict']>,
  { width }: Look,
  palette: Palette,
): readonly string[] {
  const words = judgement === 'ok' ? 'OK' : judgement.toUpperCase();
  const paintVerdict = paint(judgement, palette);
  return wrap(`${words}: ${printable(text)}`, width).map((line) =>
    palette.bold(paintVerdict(line)),
  );
}

function paint(judgement: Judgement, palette: Palette): (text: string) => string {
  return {
    ok: palette.green,
    failed: palette.red,
    warning: palette.yellow,
    skipped: palette.dim,
  }[judgement];
}
