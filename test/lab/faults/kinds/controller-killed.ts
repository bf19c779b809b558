import { type Case, onBoth, onDebian, type Scenario } from '../course/scenario.ts';
import { busyness, expectExitCode, patiently, type Site, statesOf } from '../hosts/site.ts';
import { type PrintedEvent, type Watching, type WatchedRun } from '../course/watched-run.ts';

/** Events that say that something has begun or gone on, at the same instant as another one that counts. */
const NO_BOUNDARY = new Set(['step-started', 'step-progress', 'task', 'message', 'notice']);

/** The boundaries of a run, each by the number of its event. */
export function boundariesOf({ events }: WatchedRun): readonly number[] {
  return events.flatMap(({ type }, i) => (NO_BOUNDARY.has(type) ? [] : [i]));
}

/** Whether another run has come as far as this one had with the given event: as many events that count are printed. */
export function comesTo({ events }: WatchedRun, index: number): (event: PrintedEvent) => boolean {
  const counts = (event: PrintedEvent): boolean => !NO_BOUNDARY.has(event.type);
  let left = events.slice(0, index + 1).filter(counts).length;
  return (event) => {
    if (!counts(event)) return false;
    left -= 1;
    return left === 0;
  };
}

function killAt(run: WatchedRun, index: number): Watching {
  const isThere = comesTo(run, index);
  return {
    onEvent(event, kill) {
      if (isThere(event)) kill();
    },
  };
}

export const controllerKilled: Scenario = {
  fault: 'lvslab is killed (SIGKILL) at every step boundary of apply and of teardown',
  injected: 'the events of a fault-free run are counted; the run is killed at the k-th, for each k',
  answer:
    'what runs on the host goes on to its end; the next run takes over the lock, reads the state, and does what is left',
  flavours: onBoth,
  place: 'real server',
  isInFastSubset: true,
  cases: (site) => killsAt(site, boundariesOf),
};

export const killedOnDirector: Scenario = {
  fault: 'lvslab is killed while it changes the director',
  injected:
    'the same, where the play begins, where its network is to be confirmed, where the live table is there and its saved rules are not, and where the play ends',
  answer: 'the same',
  flavours: onDebian,
  place: 'director',
  isInFastSubset: false,
  cases: (site) => killsAt(site, isEveryBoundary ? boundariesOf : tellingBoundaries),
};

const isEveryBoundary = process.env['FAULTS_BOUNDARIES'] === 'all';

/** Each takes such a machine a minute: all of them are for those who have another half hour. */
const telling = [/^play-/, /^step-confirming /, /^step-finished ipvs service /];

function tellingBoundaries(run: WatchedRun): readonly number[] {
  return boundariesAt(run, telling);
}

/** The boundaries whose event and step fit one of these. */
export function boundariesAt(run: WatchedRun, moments: readonly RegExp[]): readonly number[] {
  return boundariesOf(run).filter((index) =>
    moments.some((expression) => expression.test(momentOf(run, index) ?? '')),
  );
}

/**
 * A kill of apply and one of teardown make a case: the host need not be booted anew.
 * @param alsoHolds throws where something else is not so, right after the kill.
 */
export function killsAt(
  { reference: { apply, teardown } }: Site,
  indicesOf: (run: WatchedRun) => readonly number[],
  alsoHolds?: (site: Site) => Promise<void>,
): readonly Case[] {
  const [up, down] = [indicesOf(apply), indicesOf(teardown)];
  return Array.from({ length: Math.max(up.length, down.length) }, (_, k): Case => {
    const moments = [momentOf(apply, up[k]), momentOf(teardown, down[k])].filter(
      (moment) => moment !== undefined,
    );
    return {
      moment: moments.join('; '),
      faults: moments.length,
      ...(k === 5 && { fast: true }),
      run: async (site) => {
        await killedOn(site, 'apply', up[k], alsoHolds);
        await killedOn(site, 'teardown', down[k], alsoHolds);
      },
    };
  });
}

/** What nobody confirms any more goes back by itself after so many seconds; more where others use this machine, too. */
const confirmSoon = (): readonly string[] => [
  '--confirm-within',
  String(Math.min(600, Math.ceil(20 * busyness()))),
];

async function killedOn(
  site: Site,
  command: 'apply' | 'teardown',
  index: number | undefined,
  alsoHolds?: (site: Site) => Promise<void>,
): Promise<void> {
  if (index === undefined) return;
  const { from, to } = statesOf[command];
  await site.begin(from);
  const faultFree = site.reference[command];
  const killed = await site[command]({ ...killAt(faultFree, index), extra: confirmSoon() });
  expectKilled(killed);
  await site.expectWholeFiles();
  await alsoHolds?.(site);
  await site.expectRecovery(to, { extra: patiently() });
}

function expectKilled(run: WatchedRun): void {
  // The last event comes right before the end.
  if (run.exitCode !== 0) expectExitCode(run, null);
}

/** The event with this number, for people; undefined where there is none. */
export function momentOf({ events }: WatchedRun, index: number | undefined): string | undefined {
  const event = index === undefined ? undefined : events[index];
  return event === undefined ? undefined : [event.type, event.step].filter(Boolean).join(' ');
}
