import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { complaints } from './evil-judge.ts';
import { type Encounter, EvilRange } from './evil-run.ts';
import { type Behaviour, type Command } from './evil-behaviour.ts';
import { lvslab } from '../lvslab.ts';

/** A command, and the evil host that it is to meet. */
export interface Meeting {
  readonly command: Command;
  readonly behaviour: Behaviour;
}

/** Many of the hosts are silent: while one command waits for its limit, others meet theirs. */
const LANES = 6;

const PATIENCE_MS = 40 * 60_000;

/**
 * Tests that let commands meet evil hosts, several at a time, those that take longest first; says at the end how many of
 * the hosts could do no harm.
 */
export function meetingTests(title: string, meetings: readonly Meeting[]): void {
  const asRoot = process.getuid?.() === 0 ? describe : describe.skip;
  const inOrder = meetings.toSorted(
    (a, b) => Number(b.behaviour.isSlow ?? false) - Number(a.behaviour.isSlow ?? false),
  );

  asRoot(title, () => {
    let range: EvilRange;
    let encounters: ReadonlyMap<Meeting, Promise<Encounter>>;
    const hosts = new Set(meetings.map(({ behaviour }) => behaviour));
    const harmful = new Set(hosts);

    beforeAll(async () => {
      // Brings the program up to date with its sources.
      await lvslab('--version');
      range = await EvilRange.open();
      encounters = inLanes(inOrder, (meeting) => range.meet(meeting.command, meeting.behaviour));
    }, PATIENCE_MS);

    afterAll(async () => {
      process.stderr.write(`evil host: ${hosts.size - harmful.size} of ${hosts.size}\n`);
      await range.close();
    });

    test.each([...hosts].map((host) => [host.name, host] as const))(
      'a host that %s',
      async (_name, host) => {
        const own = inOrder.filter(({ behaviour }) => behaviour === host);
        const wrong = await Promise.all(
          own.map(async (meeting) => {
            const encounter = await encounters.get(meeting);
            if (encounter === undefined) throw new Error('they have not met');
            const found = complaints(meeting.command, host, encounter);
            return found.length === 0 ? [] : [meeting.command, ...found, encounter.output];
          }),
        );
        expect(wrong.flat()).toEqual([]);
        harmful.delete(host);
      },
      PATIENCE_MS,
    );
  });
}

/** Does all jobs, a few at a time in their order; each has a promise of its own. */
function inLanes<Job, Result>(
  jobs: readonly Job[],
  work: (job: Job) => Promise<Result>,
): ReadonlyMap<Job, Promise<Result>> {
  let free = LANES;
  const waiting: (() => void)[] = [];
  const run = async (job: Job): Promise<Result> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    else free--;
    try {
      return await work(job);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
  return new Map(
    jobs.map((job) => {
      const result = run(job);
      // A test hears of it when it is its turn.
      result.catch(() => undefined);
      return [job, result];
    }),
  );
}
