import CliTable from 'cli-table3';
import { displayWidth, wrap } from './fit-text.ts';
import { createPalette, type Palette } from './palette.ts';
import { printable } from './printable-text.ts';
import { type Look } from './reporter.ts';

/** How something was judged. */
export type Judgement = 'ok' | 'failed' | 'warning' | 'skipped';

/** Plain text, a number (set to the right), or a judgement in its colour, with other words for it if there are any. */
export type TableCell = string | number | { readonly judgement: Judgement; readonly text?: string };

/** A result: what was looked at, line by line, and what it comes to. */
export interface Table {
  readonly title?: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly TableCell[])[];
  readonly verdict?: { readonly judgement: Judgement; readonly text: string };
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

const BETWEEN = 2;
const NARROWEST = 6;

function renderGrid(
  { columns, rows }: Pick<Table, 'columns' | 'rows'>,
  { width }: Look,
  palette: Palette,
): readonly string[] {
  const widths = fitColumns(naturalWidths(columns, rows), width);
  const table = new CliTable({
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': BETWEEN, compact: true },
    colWidths: widths.map((columnWidth) => columnWidth + BETWEEN),
    colAligns: columns.map((_, i) => (isNumeric(rows, i) ? 'right' : 'left')),
    wordWrap: true,
  });
  table.push(columns.map((column) => palette.bold(printable(column))));
  table.push(widths.map((columnWidth) => palette.dim('-'.repeat(columnWidth))));
  table.push(...rows.map((row) => row.map((cell) => renderCell(cell, palette))));
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

function naturalWidths(columns: readonly string[], rows: Table['rows']): readonly number[] {
  return columns.map((column, i) =>
    Math.max(
      displayWidth(printable(column)),
      ...rows.map((row) => displayWidth(cellText(row[i] ?? ''))),
    ),
  );
}

/** Takes columns from the widest ones until the table fits. */
function fitColumns(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  const available = width - BETWEEN * (widths.length - 1);
  const total = (): number => widths.reduce((sum, columnWidth) => sum + columnWidth, 0);
  while (total() > available) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

function isNumeric(rows: Table['rows'], column: number): boolean {
  return rows.length > 0 && rows.every((row) => typeof row[column] === 'number');
}

function cellText(cell: TableCell): string {
  if (typeof cell === 'object') return printable(cell.text ?? cell.judgement);
  return printable(String(cell));
}

function renderCell(cell: TableCell, palette: Palette): string {
  const text = cellText(cell);
  return typeof cell === 'object' ? paint(cell.judgement, palette)(text) : text;
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
