import { EMBEDDED } from '../embedded/embedded-runs.ts';
import { type Measurement } from '../measure/result.ts';
import {
  find,
  middle,
  number,
  ratio,
  roundTrips,
  type Row,
  seconds,
  spread,
  table,
  wall,
} from './figures.ts';

const HEAD = ['task', 'by', 'runs', 'time (from–to)', 'beside lvslab', 'processor, controller'];

/** What was done with a few hosts, task by task, and by whom. */
export function renderTasks(all: readonly Measurement[]): string {
  const near = all.filter(
    ({ delayMs, task }) => delayMs === 0 && !['fleet', 'start', EMBEDDED].includes(task),
  );
  const rows = near.map((one): Row => {
    const hosts = one.hosts === 1 ? '1 host' : `${one.hosts} hosts`;
    const what = [`${one.task}, ${hosts}`, one.by];
    if (one.runs.length === 0) return [...what, '0', one.missing ?? '–', '', '', '', '', ''];
    const own = find(near, { task: one.task, by: 'lvslab' });
    return [
      ...what,
      String(one.runs.length),
      spread(one),
      one === own ? '' : `${number(ratio(one, own), 2)} ×`,
      seconds(middle(one, (run) => run.cpuMs)),
      seconds(middle(one, (run) => run.hostCpuMs?.['real server'] ?? NaN)),
      seconds(middle(one, (run) => run.hostCpuMs?.['director'] ?? NaN)),
      failuresOf(one),
    ];
  });
  return table([[...HEAD, 'each real server', 'director', 'failed'], ...rows]);
}

function failuresOf({ runs }: Measurement): string {
  const failed = runs.filter(({ failures }) => failures > 0).length;
  return failed === 0 ? '' : `${failed} of ${runs.length}`;
}

/** What a long way to the hosts costs. */
export function renderRoundTrips(all: readonly Measurement[]): string {
  const delays = [...new Set(all.map(({ delayMs }) => delayMs))].sort((a, b) => a - b);
  const far = delays.filter((delay) => delay > 0);
  const near = all.filter(
    ({ task, by, delayMs }) =>
      delayMs === 0 && far.some((delay) => find(all, { task, by, delayMs: delay }) !== undefined),
  );
  const rows = near.map(({ task, by, sessions }): Row => {
    const walls = delays.map((delayMs) => seconds(middle(find(all, { task, by, delayMs }), wall)));
    const trips = far.map((delay) => number(roundTrips(all, { task, by }, delay), 1));
    return [task, by, sessions === undefined ? '–' : String(sessions), ...walls, ...trips];
  });
  const head = [
    ...['task', 'by', 'sessions a host'],
    ...delays.map((delay) => `${delay} ms`),
    ...far.map((delay) => `round trips by ${delay} ms`),
  ];
  return table([head, ...rows]);
}

/** How long the embedded lab takes. */
export function renderEmbedded(all: readonly Measurement[]): string {
  const rows = all
    .filter(({ task }) => task === EMBEDDED)
    .map((one): Row => [one.by, String(one.runs.length), spread(one), failuresOf(one)]);
  return table([['what', 'runs', 'time (from–to)', 'failed'], ...rows]);
}

/** How long the program takes to start. */
export function renderStart(all: readonly Measurement[]): string {
  const starts = all.filter(({ task }) => task === 'start');
  const base = find(starts, { by: 'node -e 0' });
  const rows = starts.map((one): Row => [
    `\`${one.by}\``,
    String(one.runs.length),
    spread(one),
    one === base ? '' : `${number(ratio(one, base), 2)} ×`,
    seconds(middle(one, (run) => run.cpuMs)),
    one === base
      ? ''
      : `${number(
          ratio(one, base, (run) => run.cpuMs),
          2,
        )} ×`,
  ]);
  const head = ['command', 'runs', 'time (from–to)', 'beside Node', 'processor', 'beside Node'];
  return table([head, ...rows]);
}
