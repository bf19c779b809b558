import { type Measurement } from '../measure/result.ts';
import { type Line } from './chart.ts';
import {
  find,
  mebibytes,
  middle,
  number,
  ratio,
  type Row,
  seconds,
  spread,
  table,
  wall,
} from './figures.ts';

/** What was done with many hosts. */
export function renderFleet(all: readonly Measurement[]): string {
  const fleet = all.filter(({ task, runs }) => task === 'fleet' && runs.length > 0);
  const rows = fleet.map((one): Row => {
    const own = find(fleet, { by: 'lvslab', hosts: one.hosts });
    const troubles = one.runs.map(({ failures, warnings }) => failures + warnings);
    return [
      String(one.hosts),
      one.note === undefined ? one.by : `${one.by}, \`${one.note}\``,
      String(one.runs.length),
      spread(one),
      seconds(middle(one, wall) / one.hosts),
      one === own ? '' : `${number(ratio(own, one), 2)} ×`,
      seconds(middle(one, (run) => run.cpuMs) / one.hosts),
      seconds(middle(one, (run) => run.hostCpuMs?.['host'] ?? NaN)),
      mebibytes(middle(one, (run) => run.peakKiB)),
      String(troubles.reduce((sum, count) => sum + count, 0)),
    ];
  });
  const head = [
    ...['hosts', 'by', 'runs', 'time (from–to)', 'time per host', 'lvslab beside it'],
    ...['controller, per host', 'each host', 'largest process', 'failures and warnings'],
  ];
  return table([head, ...rows]);
}

/** The time for each host, by how many there are. */
export function fleetLines(all: readonly Measurement[]): readonly Line[] {
  const fleet = all.filter(({ task, runs }) => task === 'fleet' && runs.length > 0);
  const names = [...new Set(fleet.map(({ by }) => by))];
  return names.map((name) => ({
    name,
    points: fleet
      .filter(({ by }) => by === name)
      .map((one) => ({ x: one.hosts, y: middle(one, wall) / one.hosts }))
      .sort((a, b) => a.x - b.x),
  }));
}
