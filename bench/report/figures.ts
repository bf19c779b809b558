import { type Measurement, type Result, type Run } from '../measure/result.ts';
import { median } from '../measure/statistics.ts';

/** All that was measured, whatever part it is of. */
export function measurementsOf(results: readonly Result[]): readonly Measurement[] {
  return results.flatMap(({ measurements }) => measurements);
}

/** What is looked for among measurements; what is left out may be anything. */
export type Wanted = Partial<Pick<Measurement, 'task' | 'by' | 'hosts' | 'delayMs'>>;

/** Whether a run tells how long its task takes: of a fleet, where some hosts failed, it does; else it has to succeed. */
function counts({ task }: Measurement, { failures }: Run): boolean {
  return task === 'fleet' || failures === 0;
}

/** Those of its runs that count. */
export function goodRuns(one: Measurement | undefined): readonly Run[] {
  return one === undefined ? [] : one.runs.filter((run) => counts(one, run));
}

/** The first that is as wanted and was measured. */
export function find(all: readonly Measurement[], wanted: Wanted): Measurement | undefined {
  return all.find(
    (one) =>
      goodRuns(one).length > 0 &&
      Object.entries(wanted).every(([key, value]) => one[key as keyof Wanted] === value),
  );
}

/** The middle of one figure of all runs; NaN where there are none. */
export function middle(one: Measurement | undefined, figure: (run: Run) => number): number {
  return median(goodRuns(one).map(figure));
}

export const wall = (run: Run): number => run.wallMs;

/**
 * How many times as much the one took as the other: the middle of the ratios of runs that followed each other, so that
 * what disturbs the machine for a while disturbs both.
 */
export function ratio(
  one: Measurement | undefined,
  other: Measurement | undefined,
  figure: (run: Run) => number = wall,
): number {
  if (one === undefined || other === undefined) return NaN;
  const pairs = one.runs.flatMap((run, i) => {
    const beside = other.runs[i];
    return beside === undefined || !counts(one, run) || !counts(other, beside)
      ? []
      : [figure(run) / figure(beside)];
  });
  return median(pairs);
}

/** Round trips, by what each takes longer: the difference that a delay makes, in delays. */
export function roundTrips(all: readonly Measurement[], wanted: Wanted, delayMs: number): number {
  const near = find(all, { ...wanted, delayMs: 0 });
  const far = find(all, { ...wanted, delayMs });
  return (middle(far, wall) - middle(near, wall)) / delayMs;
}

/** A number with so many digits behind the point; a dash where there is none. */
export function number(value: number, digits = 0): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

/** Milliseconds, as seconds for people. */
export function seconds(milliseconds: number): string {
  const digits = milliseconds < 1000 ? 3 : milliseconds < 9995 ? 2 : 1;
  return Number.isFinite(milliseconds) ? `${(milliseconds / 1000).toFixed(digits)} s` : '–';
}

/** KiB as MiB. */
export function mebibytes(kib: number): string {
  return Number.isFinite(kib) ? `${Math.round(kib / 1024)} MiB` : '–';
}

/** The middle and, where there are several, the ends: '1.20 s (1.10–1.52)'. */
export function spread(one: Measurement): string {
  const walls = goodRuns(one).map(wall);
  if (walls.length < 2) return seconds(median(walls));
  const ends = [Math.min(...walls), Math.max(...walls)].map((ms) => seconds(ms).replace(' s', ''));
  return `${seconds(median(walls))} (${ends.join('–')})`;
}

/** Instead of a table that would have no rows. */
export const NOBODY = 'Nobody has measured it yet.';

export type Row = readonly string[];

/** A table of Markdown, its columns as wide as their widest cell. */
export function table([head = [], ...rows]: readonly Row[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(3, ...all.map((row) => row[i]?.length ?? 0)));
  const line = (row: Row): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
