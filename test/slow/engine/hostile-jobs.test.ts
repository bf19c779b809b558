import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { parseChangeEnd } from '../../../src/engine/rollback/commit-confirmed.ts';
import { parseLockProbe, parseLockAnswer } from '../../../src/engine/detached/host-lock.ts';
import { parseJobs, summaryOf } from '../../../src/engine/detached/orphaned-jobs.ts';
import { JobFollower } from '../../../src/engine/detached/job-follower.ts';
import { parseJobLine } from '../../../src/engine/detached/job-script.ts';
import { hostileData, hostileText, orLvslabError } from '../../support/hostile-input.ts';

/** Neither what is no number nor what no counter ever reaches. */
function expectCounts(...numbers: readonly unknown[]): void {
  expect(numbers.filter((number) => !Number.isSafeInteger(number))).toEqual([]);
}

describe('runs that a hostile host tells of', () => {
  test('have descriptions of the right shape, or are passed over', () => {
    const about = fc.oneof(
      hostileData,
      fc.record({
        play: hostileData,
        steps: fc.oneof(hostileData, fc.array(fc.oneof(hostileData, fc.string()))),
        owner: fc.oneof(fc.string(), hostileData),
        controller: fc.string(),
        since: fc.string(),
        boot: fc.string(),
      }),
    );
    const job = fc.tuple(fc.constantFrom('lives', 'ended', 'x'), fc.nat(), about, hostileText);
    fc.assert(
      fc.property(fc.array(job, { maxLength: 4 }), (told) => {
        const printed = told.map(
          ([state, number, data, events]) =>
            `job ${state} abc.${number} ${JSON.stringify(data)}\n${events.replaceAll(/^/gm, 'event ')}\n`,
        );
        for (const found of parseJobs(`boot x\n${printed.join('')}`).jobs) {
          const { play, steps, owner, controller, since } = found.about;
          expect([play, owner, controller, since].every((text) => typeof text === 'string')).toBe(
            true,
          );
          expect(Array.isArray(steps) && steps.every((step) => typeof step === 'string')).toBe(
            true,
          );
          const { state, done } = summaryOf(found);
          expect(typeof state).toBe('string');
          expectCounts(found.number, done);
          expect(done).toBeLessThanOrEqual(steps.length);
        }
      }),
    );
  });

  test('are read whatever is printed', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const job of parseJobs(text).jobs) expect(typeof summaryOf(job).state).toBe('string');
      }),
    );
  });
});

describe('event lines that a hostile host prints', () => {
  test('are events with numbers that are some, or none', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const line of text.split('\n')) {
          const event = parseJobLine(line);
          if (event === undefined || !('step' in event)) continue;
          expectCounts(event.step);
          if (event.type === 'progress') expectCounts(event.done, event.total);
          if (event.type === 'end') expectCounts(event.exitCode);
          if (event.type === 'confirm') expectCounts(event.seconds);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('never tell of more than the steps that there are', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        const events: EngineEvent[] = [];
        const follower = new JobFollower(
          {
            host: 'a',
            play: 'p',
            steps: ['x', 'y'],
            commands: ['1', '2'],
            onConfirm: () => undefined,
          },
          {
            emit: (event) => void events.push(event),
            clock: { elapsed: () => 0, date: () => new Date(0) },
          },
        );
        follower.read(`begin 0\n${one}`);
        follower.resume();
        follower.read(`\n${other}\n`);
        const { finished } = follower.status;
        expect(new Set(finished).size).toBe(finished.length);
        const steps = events.flatMap((event) => ('step' in event ? [event.step] : []));
        expect(steps.filter((step) => step !== 'x' && step !== 'y')).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what a hostile host says of its lock and of changes', () => {
  test('is one of the answers that there are, or none', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect([undefined, 'taken', 'held', 'stale']).toContain(parseLockAnswer(text)?.type);
        expect([undefined, true, false]).toContain(
          orLvslabError(() => parseLockProbe(text))?.alive,
        );
        expect([undefined, 'confirmed', 'reverted']).toContain(parseChangeEnd(text));
      }),
    );
  });
});
