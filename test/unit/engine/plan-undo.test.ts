import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JournalEntry } from '../../../src/engine/journal/journal.ts';
import { type JournaledPlay } from '../../../src/engine/journal/journal-line.ts';
import { absent, type Observed, value } from '../../../src/engine/model/resource.ts';
import { obsoleteEntries, planUndo, undoOrder } from '../../../src/engine/journal/plan-undo.ts';
import { entry, makeFromSpec, type Pair } from '../../support/journal-pairs.ts';

function reverts(
  entries: readonly JournalEntry[],
  now: Readonly<Record<string, Pair>>,
  overwrite = false,
) {
  const observations = new Map(
    Object.entries(now).map(([id, state]): [string, Observed<unknown>] => [id, value(state)]),
  );
  const { plays, kept } = planUndo({ entries, observations, makeFromSpec, overwrite });
  return {
    back: plays.flatMap(({ resources }) => resources.map(({ id }) => id)),
    kept: kept.map(({ id, why }) => `${id}: ${why}`),
  };
}

describe('what goes back', () => {
  const old = ['old', 'old'] as const;
  const wanted = ['new', 'new'] as const;

  test('everything, the newest first, when nobody else came in between', () => {
    const entries = ['a', 'b', 'c'].map((id) => entry(id, old, wanted));
    expect(reverts(entries, { a: wanted, b: wanted, c: old })).toEqual({
      back: ['c', 'b', 'a'],
      kept: [],
    });
  });

  test('a step that was interrupted between two states is still ours', () => {
    expect(reverts([entry('a', old, wanted)], { a: ['new', 'old'] }).kept).toEqual([]);
    const twice = entry('a', old, wanted, ['newer', 'newer']);
    expect(reverts([twice], { a: ['newer', 'new'] }).kept).toEqual([]);
    expect(reverts([twice], { a: ['newer', 'old'] }).kept).toEqual([]);
  });

  test("somebody else's change stays, and so does what it may rest on, but nothing newer", () => {
    const entries = ['a', 'b', 'c'].map((id) => entry(id, old, wanted));
    const now = { a: wanted, b: ['new', 'theirs'], c: wanted } as const;
    expect(reverts(entries, now)).toEqual({
      back: ['c'],
      kept: ['b: changed by others since lvslab made it', 'a: b, which is kept, may need it'],
    });
    expect(reverts(entries, now, true)).toEqual({ back: ['c', 'b', 'a'], kept: [] });
  });

  describe('what came with an earlier step, before lvslab had made anything of it', () => {
    const brought = ['stock', 'stock'] as const;
    const unmade = { ...entry('page', old, wanted), before: absent, unmade: true } as const;
    const entries = [entry('package', old, wanted), unmade];
    const now = { package: wanted, page: brought };
    const undoing = (all: readonly JournalEntry[]) => {
      const observations = new Map(Object.entries(now).map(([id, one]) => [id, value(one)]));
      return planUndo({ entries: all, observations, makeFromSpec, overwrite: false });
    };

    test('goes with that, without a step of its own, and is looked at afterwards', () => {
      const { plays, kept } = undoing(entries);
      expect(kept).toEqual([]);
      const resources = plays.flatMap((play) => play.resources);
      expect(resources.map(({ id }) => id)).toEqual(['page', 'package']);
      const [page, before] = [resources[0], value(brought)];
      expect(page?.converge(before, absent).text).toBe(':');
      expect(page?.diff(before, page.aim(before))).not.toEqual([]);
    });

    test('is kept where nothing is left that it could have come with', () => {
      expect(undoing([unmade]).kept.map(({ id }) => id)).toEqual(['page']);
      const elsewhere = { ...unmade, play: { name: 'q', after: [] } };
      expect(undoing([entry('package', old, wanted), elsewhere]).kept).toHaveLength(1);
    });

    test.each([
      ['was made once', { unmade: false }],
      ['was there before', { before: value(old) }],
    ])("is somebody's change where it %s", (_what, more) => {
      const other: JournalEntry = { ...unmade, ...more };
      expect(undoing([entry('package', old, wanted), other]).kept.map(({ id }) => id)).toEqual([
        'page',
        'package',
      ]);
    });

    test('is kept with what somebody changed who may need it', () => {
      const later = entry('unit', old, wanted);
      const observations = new Map<string, Observed<unknown>>(
        Object.entries({ ...now, unit: ['new', 'theirs'] }).map(([id, one]) => [id, value(one)]),
      );
      const { kept } = planUndo({
        ...{ entries: [...entries, later], observations, makeFromSpec, overwrite: false },
      });
      expect(kept.map(({ id }) => id)).toEqual(['unit', 'page', 'package']);
    });
  });

  test('what stays because others need it is told by reason, and the rest goes back', () => {
    const staying = new Map([
      [
        'a',
        new Map([
          ['left', 'kube-proxy uses it'],
          ['middle', 'docker uses it'],
          ['right', 'kube-proxy uses it'],
        ]),
      ],
    ]);
    const entries = ['a', 'b'].map((id) => entry(id, old, wanted));
    const observations = new Map(entries.map(({ id }) => [id, value(wanted)] as const));
    const { plays, kept } = planUndo({
      ...{ entries, observations, staying, makeFromSpec, overwrite: true },
    });
    expect(kept).toEqual([
      { id: 'a', why: 'left, right: kube-proxy uses it', changes: [], isNeeded: true },
      { id: 'a', why: 'middle: docker uses it', changes: [], isNeeded: true },
    ]);
    expect(plays).toMatchObject([{ play: 'undo p', undoes: true }]);
    expect(plays[0]?.resources.map(({ id }) => id)).toEqual(['b', 'a']);
  });

  test('what is kept is told with what undoing it would have changed', () => {
    const observations = new Map([['a', value(['new', 'theirs'] as const)]]);
    const entries = [entry('a', old, wanted)];
    const { kept } = planUndo({ entries, observations, makeFromSpec, overwrite: false });
    expect(kept).toMatchObject([
      {
        changes: [
          { field: 'left', from: 'new', to: 'old' },
          { field: 'right', from: 'theirs', to: 'old' },
        ],
      },
    ]);
  });

  test('what could not be observed is undone: nobody can say that others changed it', () => {
    const entries = [entry('a', old, wanted)];
    const unread = new Map([['a', { kind: 'unknown', reason: 'no answer' } as const]]);
    for (const observations of [unread, new Map<string, never>()]) {
      expect(planUndo({ entries, observations, makeFromSpec, overwrite: false }).kept).toEqual([]);
    }
  });

  test('what was there before and depends on others comes back last, to find them as they were', () => {
    const dependent = entry('service', old, wanted);
    const entries = [entry('file', old, wanted), dependent];
    const observations = new Map(entries.map(({ id }) => [id, value(wanted)] as const));
    const { plays } = planUndo({
      entries,
      observations,
      overwrite: false,
      makeFromSpec: (spec) => {
        const made = makeFromSpec(spec);
        return made.id === 'service' ? { ...made, undo: { last: true as const } } : made;
      },
    });
    expect(plays.flatMap(({ resources }) => resources.map(({ id }) => id))).toEqual([
      'file',
      'service',
    ]);
  });
});

test('left behind is what this playbook alone had wanted, and nothing that others share', () => {
  const own = entry('own', ['', ''], ['x', 'x']);
  const others = { ...entry('others', ['', ''], ['x', 'x']), playbooks: ['site', 'other'] };
  const journal = {
    entries: [own, others, entry('shared', ['', ''], ['x', 'x'])],
    damaged: 0,
    version: '',
    printed: [],
  };
  const found = obsoleteEntries(journal, {
    ids: new Set(['wanted']),
    playbook: 'site',
    makeFromSpec: (spec) => {
      const made = makeFromSpec(spec);
      return made.id === 'shared' ? { ...made, undo: { shared: true as const } } : made;
    },
  });
  expect(found.map(({ id }) => id)).toEqual(['own']);
});

describe('the order of plays on the way back', () => {
  test('the documented lab: the gateway first, then the director', () => {
    const nginx = { name: 'nginx', after: [] };
    const director = { name: 'director', after: [] };
    const gateway = { name: 'gateway', after: ['director'] };
    const order = undoOrder([director, gateway, nginx]);
    expect(order).toEqual([
      { name: 'gateway', after: [] },
      { name: 'director', after: ['gateway'] },
      { name: 'nginx', after: [] },
    ]);
  });

  test('never waits for ever, whatever plays name each other', () => {
    const names = ['a', 'b', 'c', 'd'] as const;
    const play: fc.Arbitrary<JournaledPlay> = fc.record({
      name: fc.constantFrom(...names),
      after: fc.subarray([...names, 'gone']),
    });
    fc.assert(
      fc.property(fc.array(play), (plays) => {
        const order = undoOrder(plays);
        expect(new Set(order.map(({ name }) => name))).toEqual(
          new Set(plays.map(({ name }) => name)),
        );
        expect(order).toHaveLength(new Set(plays.map(({ name }) => name)).size);
        order.forEach(({ after }, i) => {
          const earlier = order.slice(0, i).map(({ name }) => name);
          expect(after.every((name) => earlier.includes(name))).toBe(true);
        });
      }),
    );
  });
});
