import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { guessParts } from '../../../src/engine/apply/guess-parts.ts';
import { HostProgress } from '../../../src/engine/apply/host-progress.ts';
import { checkSpecs, resourcesOf } from '../../../src/engine/apply/play-resources.ts';
import { placeIn, sourceFrame } from '../../../src/engine/apply/source-frame.ts';
import { type SurveyedHost } from '../../../src/engine/apply/survey.ts';
import { ObserveError } from '../../../src/engine/model/failures/errors.ts';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { sh } from '../../../src/engine/model/shell/script.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-playbook-'));
const source = path.join(folder, 'own.ts');
writeFileSync(source, Array.from({ length: 12 }, (_, i) => `line ${i + 1}\n`).join(''));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What is thrown there. */
function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe("the place of a person's mistake", () => {
  test.each([
    ['    at resources (/x/own.ts:9:22)', { file: '/x/own.ts', line: 9 }],
    ['    at file:///x/own.ts:10:1', { file: '/x/own.ts', line: 10 }],
    ['    at /a b/own.ts:7:3', { file: '/a b/own.ts', line: 7 }],
    ['    at node:internal/modules:7:3', undefined],
    ['TypeError: no', undefined],
  ])('is read from a line of the stack: %j', (frame, place) => {
    expect(placeIn(frame)).toEqual(place);
  });

  test('is shown with the line before it, where there is one', () => {
    expect(sourceFrame({ file: source, line: 10 })).toEqual([
      '     9 | line 9',
      '  > 10 | line 10',
    ]);
    expect(sourceFrame({ file: source, line: 1 })).toEqual(['  > 1 | line 1']);
    expect(sourceFrame({ file: source, line: 99 })).toEqual([]);
    expect(sourceFrame({ file: path.join(folder, 'none'), line: 1 })).toEqual([]);
  });
});

describe('the resources of a play', () => {
  const play = (resources: () => readonly Resource[]) => ({ name: 'own', hosts: 'all', resources });

  test('are what the play gives for the host', () => {
    expect(
      resourcesOf(
        play(() => []),
        undefined,
        'rs1',
      ),
    ).toEqual([]);
  });

  test('what the play throws is shown with its place, and names as they are written there', () => {
    const error = new TypeError('(0 , _lvslab.flie) is not a function');
    error.stack = `TypeError: no\n    at node:internal:1:1\n    at resources (${source}:3:7)`;
    const thrown = thrownBy(() =>
      resourcesOf(
        play(() => {
          throw error;
        }),
        undefined,
        'rs1',
      ),
    );
    expect(thrown).toMatchObject({ code: 'E_PLAYBOOK', host: 'rs1', step: 'playbook' });
    expect((thrown as Error).message).toBe(
      `play 'own': flie is not a function\n${source}:3:\n    2 | line 2\n  > 3 | line 3`,
    );
  });

  test('something else than an error may be thrown, and an error of lvslab stays what it is', () => {
    const throwing = (what: unknown): unknown =>
      thrownBy(() =>
        resourcesOf(
          play(() => {
            throw what;
          }),
          undefined,
          'rs1',
        ),
      );
    expect(throwing('a word')).toMatchObject({ message: "play 'own': a word" });
    const known = new ObserveError('no');
    expect(throwing(known)).toBe(known);
  });

  test('have to be such as a journal can bring back', () => {
    const spec = { kind: 'own', args: {} };
    const made = (id: string, more: Partial<Resource> = {}) => ({ id, ...more }) as Resource;
    const check = (resource: Resource, makeFromSpec: () => Resource): unknown =>
      thrownBy(() => {
        checkSpecs([made('plain'), resource], makeFromSpec, 'rs1');
      });
    expect(check(made('a', { spec }), () => made('a'))).toBeUndefined();
    expect(check(made('a', { spec }), () => made('b'))).toMatchObject({
      ...{ code: 'E_PLAYBOOK', host: 'rs1', message: "the spec of 'a' makes 'b'" },
      hint: expect.stringContaining("defineKind('own', …)"),
    });
    const unknownKind = check(made('a', { spec }), () => {
      throw new RangeError("no kind 'own'");
    });
    expect(unknownKind).toMatchObject({
      message: "the spec of 'a' can't be used: no kind 'own'",
    });
  });
});

describe('what is asked of a host ahead', () => {
  const resources = [{ id: 'a', observe: sh`echo a` }] as unknown as readonly Resource[];
  const last = (facts: string | undefined) => ({
    read: () => Promise.resolve(facts),
    keep: () => Promise.resolve(),
  });

  test('is what its last facts would make of the plays, and nothing without any', async () => {
    const seen: string[] = [];
    const guess = (facts: string): readonly Resource[] => {
      seen.push(facts);
      return resources;
    };
    expect(await guessParts(last('facts'), guess)).toMatchObject([{ id: 'a' }]);
    expect(await guessParts(last(undefined), guess)).toEqual([]);
    expect(await guessParts(undefined, guess)).toEqual([]);
    expect(seen).toEqual(['facts']);
  });

  test('is nothing where the plays can do nothing with them', async () => {
    const parts = guessParts(last('odd'), () => {
      throw new Error('no');
    });
    await expect(parts).resolves.toEqual([]);
  });
});

describe('what becomes of one host', () => {
  const events: EngineEvent[] = [];
  const begun = () =>
    new HostProgress({ name: 'rs1' } as unknown as SurveyedHost, (event) => {
      events.push(event);
    });

  test('knows its finished steps by its own events, and passes all of them on', () => {
    events.length = 0;
    const progress = begun();
    const step = { host: 'rs1', play: 'p', step: 'file /x' };
    const told = [
      { type: 'step-started', ...step },
      { type: 'step-finished', ...step, step: 'file /y' },
    ] as unknown as readonly EngineEvent[];
    told.forEach(progress.emit);
    expect(events).toEqual(told);
    expect([...progress.finished]).toEqual(['file /y']);
  });

  test('its first failure counts and is told once; what fails after it may be its doing', async () => {
    events.length = 0;
    const progress = begun();
    expect(await progress.attempt(() => Promise.resolve())).toBe(true);
    expect(progress.failure).toBeUndefined();
    const [first, second] = [new ObserveError('first'), new ObserveError('second')];
    expect(await progress.attempt(() => Promise.reject(first))).toBe(false);
    expect(await progress.attempt(() => Promise.reject(second))).toBe(false);
    progress.fail(second);
    expect(progress.failure).toBe(first);
    expect(events).toEqual([{ type: 'host-failed', host: 'rs1', error: first }]);
  });

  test('one that is known from before is not told again', async () => {
    events.length = 0;
    const progress = begun();
    const before = new ObserveError('before');
    progress.fail(before);
    await progress.attempt(() => Promise.reject(new Error('later')));
    expect([progress.failure, events]).toEqual([before, []]);
  });
});
