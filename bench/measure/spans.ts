import { z } from 'zod';

const eventSchema = z.object({
  time: z.iso.datetime().transform((text) => Date.parse(text)),
  type: z.string(),
  host: z.string().optional(),
  step: z.string().optional(),
  path: z.string().optional(),
  task: z.string().optional(),
  state: z.string().optional(),
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
  const sums = new Map<string, number>();
  const add = (what: string, ms: number): void => {
    sums.set(what, (sums.get(what) ?? 0) + ms);
  };
  const last = new Map<string, Event>();
  for (const event of eventsOf(stdout)) {
    const { host, task, milliseconds } = event;
    if (task !== undefined && milliseconds !== undefined) add(task, milliseconds);
    if (host === undefined) continue;
    const before = last.get(host);
    const use = before === undefined ? undefined : AFTER[before.type]?.(before);
    if (before !== undefined && use !== undefined) add(`${host}: ${use}`, event.time - before.time);
    // How far a step is says nothing of what comes next.
    if (event.type !== 'step-progress') last.set(host, event);
    else if (before !== undefined) last.set(host, { ...before, time: event.time });
  }
  const longest = [...sums].sort(([, one], [, other]) => other - one).slice(0, MOST);
  return Object.fromEntries(longest.filter(([, ms]) => ms > 0));
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
