import { type PlainTable } from '../tables.ts';
import { type ProbeReport } from './probe-report.ts';

/** What became of the traffic, period by period, and of the whole. */
export function probeTables(
  report: ProbeReport,
  { client, service }: { readonly client: string; readonly service: string },
): readonly PlainTable[] {
  const { periods, requests, intervalMs, longestGapMs } = report;
  const rate = Math.round(1000 / intervalMs);
  return [
    {
      title: `Traffic meanwhile: ${rate} requests a second from ${client} to ${service}`,
      columns: ['since', 'meanwhile', 'requests', 'lost', 'longest gap, ms', 'timeline'],
      rows: [
        ...periods.map((period) => [
          `${(period.since / 1000).toFixed(1)} s`,
          period.what,
          period.requests,
          period.lost,
          period.longestGapMs,
          period.timeline,
        ]),
        ['', 'all of it', requests, lostOf(report), longestGapMs, summaryOf(report)],
      ],
      data: { probe: report },
    },
  ];
}

/** How many requests brought no page. */
function lostOf({ lost }: Pick<ProbeReport, 'lost'>): number {
  return lost.refused + lost.timedOut + lost.otherwise;
}

function summaryOf({ lost, held, broken }: ProbeReport): string {
  const parts = [
    ...(lost.refused > 0 ? [`${lost.refused} refused`] : []),
    ...(lost.timedOut > 0 ? [`${lost.timedOut} timed out`] : []),
    ...(lost.otherwise > 0 ? [`${lost.otherwise} lost otherwise`] : []),
    `${broken.length} of ${held} held connections broken`,
  ];
  return parts.join(', ');
}
