import { z } from 'zod';

const eventSchema = z.object({
  time: z.iso.datetime().transform((text) => Date.parse(text)),
  type: z.string(),
  host: z.string().optional(),
  step: z.string().optional(),
  path: z.string().optional(),
  task: z.string().optional(),
  milliseconds: z.number().optional(),
});

type Event = z.infer<typeof eventSchema>;

/** How many are worth to be kept. */
const MOST = 8;

/**
 * What a run was busy with, the longest first, by the events that it printed with --json: of each host, what it was doing from one
 * event to the next; of a task, how long it says that it took. They overlap where hosts work at the same time.
 * @returns milliseconds, by what they were used for: `{ 'rs1: package gcc': 30122 }`
 */
export function spansOf(stdout: string): Readonly<Record<string, number>> {
  const events = eventsOf(stdout);
  const sums = new Map<string, number>();
  for (const [what, ms] of [...tasksOf(events), ...hostsOf(events)]) {
    sums.set(what, (sums.get(what) ?? 0) + ms);
  }
  const longest = [...sums].sort(([, one], [, other]) => other - one).slice(0, MOST);
  return Object.fromEntries(longest.filter(([, ms]) => ms > 0));
}

type Span = readonly [what: string, milliseconds: number];

function tasksOf(events: readonly Event[]): readonly Span[] {
  return events.flatMap(({ task, milliseconds }): readonly Span[] =>
    task === undefined || milliseconds === undefined ? [] : [[task, milliseconds]],
  );
}

function hostsOf(events: readonly Event[]): readonly Span[] {
  const last = new Map<string, Event>();
  const spans: Span[] = [];
  for (const event of events) {
    const { host, type, time } = event;
    // How far a step is says nothing of what the host does.
    if (host === undefined || type === 'step-progress') continue;
    const before = last.get(host);
    const use = before === undefined ? undefined : AFTER[before.type]?.(before);
    if (before !== undefined && use !== undefined)
      spans.push([`${host}: ${use}`, time - before.time]);
    last.set(host, event);
  }
  return spans;
}

function eventsOf(stdout: string): readonly Event[] {
  return stdout.split('\n').flatMap((line) => {
    const { data } = eventSchema.safeParse(line.startsWith('{') ? JSON.parse(line) : undefined);
    return data === undefined ? [] : [data];
  });
}

/** What a host is busy with after an event of this type; with none of these, nobody can tell, or it waits for others. */
const AFTER: Readonly<Record<string, (event: Event) => string | undefined>> = {
  connecting: () => 'logging in',
  reconnecting: () => 'logging in',
  observing: () => 'reading its state',
  'play-started': () => 'between its steps',
  uploading: ({ path }) => `sending ${path ?? 'a file'}`,
  'step-started': ({ step }) => step,
  'step-followed': ({ step }) => step,
  'step-confirming': ({ step }) => step,
  'step-finished': () => 'between its steps',
  proving: () => 'reading its state again',
};
