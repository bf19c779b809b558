import { judgeHeld } from './judge-held.ts';
import { type ProbeEvent } from './probe-log.ts';
import { type ProbePeriod, type ProbeReport } from './probe-report.ts';

/** A moment from which on something was done. */
export interface ProbeMark {
  /** Milliseconds since the probe began. */
  readonly at: number;
  readonly what: string;
}

interface Probed {
  readonly planned: number;
  /** Not set where it brought no page. */
  readonly answeredAt?: number;
  /** Not set where its end was not seen. */
  readonly exitCode?: number;
}

interface Span {
  readonly since: number;
  readonly until: number;
}

/** How many slices of time the timeline has in all. */
const SLICES = 60;
const REFUSED = 7;
const TIMED_OUT = 28;

/**
 * What became of the traffic. A request counts from its planned start: had it to wait for its turn, it was late all the same. Pure.
 * @param marks in the order of their times.
 */
export function judgeProbe(
  events: readonly ProbeEvent[],
  { intervalMs, marks }: { readonly intervalMs: number; readonly marks: readonly ProbeMark[] },
): ProbeReport {
  const requests = requestsOf(events, intervalMs);
  const end = Math.max(0, ...events.flatMap((event) => ('at' in event ? [event.at] : [])));
  const asked = requests.map(({ planned, answeredAt }) => answeredAt ?? planned + intervalMs);
  const spans = askedSpans(events, Math.max(0, ...asked));
  const answers = requests.flatMap(({ answeredAt }) => answeredAt ?? []);
  const lost = requests.filter(({ answeredAt }) => answeredAt === undefined);
  const ended = (code: number): number => lost.filter(({ exitCode }) => exitCode === code).length;
  const latencies = requests
    .flatMap(({ planned, answeredAt }) => (answeredAt === undefined ? [] : [answeredAt - planned]))
    .toSorted((a, b) => a - b);
  const [refused, timedOut] = [ended(REFUSED), ended(TIMED_OUT)];
  const median = latencies[Math.floor(latencies.length / 2)];
  return {
    intervalMs,
    requests: requests.length,
    answered: answers.length,
    lost: { refused, timedOut, otherwise: lost.length - refused - timedOut },
    longestGapMs: longestGap(answers, spans),
    ...(median !== undefined && {
      latencyMs: { median: Math.round(median), slowest: Math.round(latencies.at(-1) ?? median) },
    }),
    ...judgeHeld(events, end),
    periods: periodsOf({ requests, spans, marks, end }),
  };
}

/** Each that was begun, in the order of their planned starts. */
function requestsOf(events: readonly ProbeEvent[], intervalMs: number): readonly Probed[] {
  const found = new Map<number, Probed>();
  for (const event of events) {
    if (event.type === 'begun') found.set(event.index, { planned: event.index * intervalMs });
    if (event.type !== 'request' || !found.has(event.index)) continue;
    const { index, exitCode, status, at } = event;
    const isAnswered = exitCode === 0 && status === 200;
    found.set(index, {
      ...{ planned: index * intervalMs, exitCode },
      ...(isAnswered && { answeredAt: at }),
    });
  }
  return [...found.values()].toSorted((a, b) => a.planned - b.planned);
}

/** The times between pauses. */
function askedSpans(events: readonly ProbeEvent[], end: number): readonly Span[] {
  const spans: Span[] = [];
  let since: number | undefined = 0;
  for (const event of events) {
    if (event.type === 'paused' && since !== undefined) {
      spans.push({ since, until: event.at });
      since = undefined;
    }
    if (event.type === 'resumed') since = event.at;
  }
  return since === undefined ? spans : [...spans, { since, until: Math.max(since, end) }];
}

/** In milliseconds, rounded. */
function longestGap(answers: readonly number[], spans: readonly Span[]): number {
  const gaps = spans.flatMap(({ since, until }) => {
    const within = answers.filter((at) => at >= since && at <= until).toSorted((a, b) => a - b);
    const moments = [since, ...within, until];
    return moments.slice(1).map((at, i) => at - (moments[i] ?? at));
  });
  return Math.round(Math.max(0, ...gaps));
}

function periodsOf({
  requests,
  spans,
  marks,
  end,
}: {
  readonly requests: readonly Probed[];
  readonly spans: readonly Span[];
  readonly marks: readonly ProbeMark[];
  readonly end: number;
}): readonly ProbePeriod[] {
  const all = marks[0]?.at === 0 ? marks : [{ at: 0, what: 'before' }, ...marks];
  return all.flatMap(({ at: since, what }, i) => {
    const until = Math.max(since, Math.min(end, all[i + 1]?.at ?? end));
    const own = requests.filter(({ planned }) => planned >= since && planned < until);
    const within = spans
      .map((span) => ({
        since: Math.max(since, span.since),
        until: Math.min(until, span.until),
      }))
      .filter((span) => span.until > span.since);
    if (until === since) return [];
    return [
      {
        ...{ since, until, what, requests: own.length },
        lost: own.filter(({ answeredAt }) => answeredAt === undefined).length,
        longestGapMs: longestGap(
          requests.flatMap(({ answeredAt }) => answeredAt ?? []),
          within,
        ),
        timeline: timelineOf(own, { since, until }, end / SLICES),
      },
    ];
  });
}

function timelineOf(requests: readonly Probed[], { since, until }: Span, slice: number): string {
  const share = slice > 0 ? Math.round((until - since) / slice) : 1;
  const count = Math.min(SLICES, Math.max(1, share));
  const width = (until - since) / count;
  return Array.from({ length: count }, (_, i) => {
    const from = since + i * width;
    const own = requests.filter(({ planned }) => planned >= from && planned < from + width);
    const lost = own.filter(({ answeredAt }) => answeredAt === undefined).length;
    if (own.length === 0) return '_';
    if (lost === 0) return '.';
    return lost === own.length ? '#' : '+';
  }).join('');
}
