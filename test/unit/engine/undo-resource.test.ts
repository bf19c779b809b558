import { describe, expect, test } from '@jest/globals';
import { absent, type Resource, value } from '../../../src/engine/model/resource.ts';
import { sh } from '../../../src/engine/model/shell/script.ts';
import { aimingWithPast, questionOf, undoResource } from '../../../src/engine/journal/plan-undo.ts';
import { entry, makeFromSpec, pair } from '../../support/journal-pairs.ts';

describe('a resource of the journal', () => {
  const before = ['old', 'old'] as const;
  const made = { ...entry('a', before, ['new', 'new']), outcomes: [1], interrupted: true };
  const past = { before: value(before), specs: made.specs, outcomes: [1], interrupted: true };
  const found = value(['x', 'x'] as const);
  const stays = new Map([['left', 'others use it']]);

  /** Makes resources that undo in their own way. */
  const undoing =
    (undo: NonNullable<Resource['undo']>) =>
    (spec: { readonly args: unknown }): Resource => ({
      ...makeFromSpec(spec),
      uploads: [{ from: '/tmp/x', to: '/tmp/y' }] as never,
      notice: () => 'a notice',
      conflicts: () => [{ file: '/x', why: 'y', hint: 'z' }],
      undo,
    });

  test('aims back at what was before, sends nothing and has nothing to say', () => {
    const back = undoResource(made, undoing({}));
    expect(back.aim(found)).toEqual(value(before));
    expect(back.uploads).toEqual([]);
    expect(back.notice?.(found)).toBeUndefined();
    expect(back.conflicts?.(found, found)).toEqual([]);
  });

  test('its kind may aim elsewhere, and knows all of its past and what has to stay', () => {
    const asked: unknown[] = [];
    const aim: NonNullable<Resource['undo']>['aim'] = (...all) => {
      asked.push(all);
      return absent;
    };
    expect(undoResource(made, undoing({ aim }), stays).aim(found)).toEqual(absent);
    expect(asked).toMatchObject([[found, past, stays]]);
  });

  test('its kind may have the host asked before it goes', () => {
    const question = { id: 'who', observe: sh`who` };
    const asked: unknown[] = [];
    const askOthers = (...all: readonly unknown[]): never => {
      asked.push(all);
      return question as never;
    };
    expect(questionOf(made, found, undoing({ askOthers }))).toBe(question);
    expect(asked).toMatchObject([[found, past]]);
    expect(questionOf(made, found, undoing({}))).toBeUndefined();
  });

  test('that a playbook wants again knows its past, of what others had made only what was before', () => {
    const seen: unknown[] = [];
    const wanted = pair('a', ['new', 'new'], {
      aim: (_, known) => {
        seen.push(known);
        return value(['new', 'new']);
      },
    });
    const journal = { entries: [made], damaged: 0, version: '', printed: [] };
    aimingWithPast(wanted, journal, 'site').aim(found);
    aimingWithPast(wanted, journal, 'another').aim(found);
    expect(seen).toMatchObject([past, { ...past, specs: [] }]);
    const stranger = pair('b', ['new', 'new']);
    expect(aimingWithPast(stranger, journal, 'site')).toBe(stranger);
  });
});
