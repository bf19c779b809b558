import { type Measurement, type Run } from '../measure/result.ts';
import { goodRuns, middle, NOBODY, number, type Row, seconds, table, wall } from './figures.ts';

/** How many of each task are shown. */
const SHOWN = 5;

/** What each run that told was busy with longest: what its target can't fall below without. */
export function renderLongest(all: readonly Measurement[]): string {
  const rows = all
    .filter(({ task }) => task !== 'green plan')
    .flatMap((one) => {
      const what = one.by === 'lvslab' ? one.task : one.by;
      const { spans, whole } = busyWith(one);
      return Object.entries(spans)
        .sort(([, first], [, second]) => second - first)
        .slice(0, SHOWN)
        .map(([use, ms], i): Row => [
          i === 0 ? what : '',
          use,
          seconds(ms),
          `${number((100 * ms) / whole)} %`,
        ]);
    });
  if (rows.length === 0) return NOBODY;
  return table([['task', 'busy with', 'time', 'of the whole'], ...rows]);
}

/** What it was busy with, and milliseconds of the whole: as the run told, or as a profiler saw one more. */
function busyWith(one: Measurement): {
  readonly spans: Readonly<Record<string, number>>;
  readonly whole: number;
} {
  const run = typicalRun(one);
  if (run?.spans !== undefined) return { spans: run.spans, whole: run.wallMs };
  const spans = one.uses ?? {};
  return { spans, whole: Object.values(spans).reduce((sum, ms) => sum + ms, 0) };
}

/** The run that took as long as they do in the middle, or is nearest to it. */
function typicalRun(one: Measurement): Run | undefined {
  const typical = middle(one, wall);
  const distance = (run: Run): number => Math.abs(run.wallMs - typical);
  return [...goodRuns(one)].sort((a, b) => distance(a) - distance(b))[0];
}
