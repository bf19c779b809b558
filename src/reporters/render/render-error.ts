import { inspect } from 'node:util';
import { type LvslabError } from '../../engine/model/failures/errors.ts';
import { chop, cut, wrap } from '../text/fit-text.ts';
import { createPalette, type Palette } from '../text/palette.ts';
import { printable, printableLines } from '../text/printable-text.ts';
import { type Look } from '../text/look.ts';

/** Any error for people: where, what, why, and what to do; a bug with its stack and a request to report it. */
export function renderError(
  error: unknown,
  look: Look,
  /** The host that it is about, for errors that don't know it themselves. */
  host?: string,
): string {
  const lines = isLvslabError(error) ? renderKnown(error, look, host) : renderBug(error, look);
  return `${lines.join('\n')}\n`;
}

/** The end of what a failed step printed: the only part that people read first. */
export function tailOf(error: LvslabError, { verbose }: Pick<Look, 'verbose'>): readonly string[] {
  const output = 'output' in error && typeof error.output === 'string' ? error.output : '';
  if (output.trim() === '') return [];
  const lines = printableLines(output.trimEnd());
  return verbose ? lines : lines.slice(-MAX_TAIL);
}

const MAX_TAIL = 15;

/** By its shape and not by its class: a playbook run from source may have loaded the classes a second time. */
function isLvslabError(error: unknown): error is LvslabError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.startsWith('E_') &&
    'hint' in error
  );
}

function renderKnown(error: LvslabError, look: Look, host?: string): readonly string[] {
  const palette = createPalette(look.color);
  const place = [error.host ?? host, error.step]
    .filter((part) => part !== undefined)
    .map(printable);
  const where = place.length === 0 ? '' : `${place.join(': ')}: `;
  const [first = '', ...more] = printableLines(where + error.message);
  return [
    ...wrap(`${first} [${error.code}]`, look.width).map((line) => palette.bold(palette.red(line))),
    // What is indented, a line of somebody's program, keeps its shape.
    ...more.flatMap((line) =>
      line.startsWith(' ') ? [cut(line, look.width)] : wrap(line, look.width),
    ),
    ...renderCauses(error, look),
    ...tailOf(error, look).flatMap((line) =>
      chop(line, look.width - 4).map((piece) => palette.dim(`  | ${piece}`)),
    ),
    ...renderHint(error.hint, look, palette),
    ...(look.verbose ? renderStack(error, palette) : []),
  ];
}

function renderCauses(error: Error, { width }: Look): readonly string[] {
  return causesOf(error)
    .filter((cause, i, all) => !error.message.includes(cause) && all.indexOf(cause) === i)
    .flatMap((cause) => labelled('  because: ', printableLines(cause), width));
}

/** The messages of what led to the error, the nearest first. */
export function causesOf(error: Error): readonly string[] {
  const seen = new Set<unknown>([error]);
  const causes: string[] = [];
  for (let cause = error.cause; cause !== undefined && !seen.has(cause);) {
    seen.add(cause);
    causes.push(messageOf(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes.filter((cause) => cause.trim() !== '');
}

/** A cause may come from any library: an Error, several in one, a string, an object. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') {
    return cause.errors.map(messageOf).join('; ');
  }
  if (cause instanceof Error) return cause.message || cause.name;
  return typeof cause === 'string' ? cause : inspect(cause);
}

function renderHint(
  hint: string | undefined,
  { width }: Look,
  palette: Palette,
): readonly string[] {
  if (hint === undefined) return [];
  return labelled('  → ', printableLines(hint), width).map(palette.cyan);
}

function renderBug(error: unknown, { width, color }: Look): readonly string[] {
  const palette = createPalette(color);
  const text = error instanceof Error ? error.message : messageOf(error);
  return [
    ...wrap(`A mistake in lvslab itself: ${printable(text)}`, width).map((line) =>
      palette.bold(palette.red(line)),
    ),
    ...(error instanceof Error
      ? [...renderStack(error, palette), ...renderCauses(error, { width, color, verbose: true })]
      : []),
    ...wrap(
      'Please report it: these lines, the output of `lvslab doctor`, and what you had typed.',
      width,
    ).map(palette.cyan),
  ];
}

function renderStack(error: Error, palette: Palette): readonly string[] {
  const frames = printableLines(error.stack ?? '').filter((line) => /^\s+at /.test(line));
  return frames.map(palette.dim);
}

/** Wrapped text whose further lines stand under the first one's. */
function labelled(label: string, lines: readonly string[], width: number): readonly string[] {
  return lines
    .flatMap((line) => wrap(line, width - label.length))
    .map((line, i) => (i === 0 ? label : ' '.repeat(label.length)) + line);
}
