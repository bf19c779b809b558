import { describe, expect, test } from '@jest/globals';
import { countSteps, planHost } from '../../../src/engine/model/plan.ts';
import {
  absent,
  type Observed,
  type Resource,
  type Target,
  unknown,
  value,
} from '../../../src/engine/model/resource.ts';
import { sh } from '../../../src/engine/model/shell/script.ts';

/** A number somewhere on a host: the smallest resource there can be. */
function number(
  id: string,
  wanted: number,
  afterChanges?: Resource<number>['afterChanges'],
): Resource {
  const show = (target: Target<number>): string => JSON.stringify(target);
  const resource: Resource<number> = {
    id,
    aim: () => value(wanted),
    observe: sh`cat ${id}`,
    parse: (output) => value(Number(output)),
    diff: (observed, to) =>
      show(observed) === show(to) ? [] : [{ field: '', from: show(observed), to: show(to) }],
    converge: () => sh`printf %s ${wanted} >${id}`,
    ...(afterChanges && { afterChanges }),
  };
  return resource;
}

function plan(resources: readonly Resource[], observed: Record<string, Observed<unknown>>) {
  return planHost({
    host: 'rs1',
    plays: [{ play: 'numbers', resources }],
    observations: new Map(Object.entries(observed)),
  });
}

describe('planHost', () => {
  test('plans what differs, and only that', () => {
    const planned = plan([number('a', 1), number('b', 0)], { a: value(2), b: value(0) });
    expect(planned.plays[0]?.steps.map(({ resource }) => resource.id)).toEqual(['a']);
    expect(planned.plays[0]?.unchanged).toBe(1);
  });

  test('absence is a difference, also from 0', () => {
    expect(countSteps(plan([number('a', 0)], { a: absent }))).toBe(1);
  });

  test('an unknown state is never taken for equal: it stops the host and says why', () => {
    expect(() => plan([number('a', 1)], { a: unknown('permission denied') })).toThrow(
      'permission denied',
    );
    expect(() => plan([number('a', 1)], {})).toThrow('not observed');
  });

  test('a resource sees what the changes before it will have done', () => {
    const restarted = number('service', 1, (observed, changed) =>
      changed.has('file') ? value(0) : observed,
    );
    const observed = { file: value(1), service: value(1) };
    expect(countSteps(plan([number('file', 1), restarted], observed))).toBe(0);
    expect(countSteps(plan([number('file', 2), restarted], observed))).toBe(2);
  });

  test('a resource sees what earlier plays change on other hosts, where its play comes after them', () => {
    const follower = number('follower', 1, (observed, changed) =>
      changed.has('elsewhere') ? value(0) : observed,
    );
    const planned = (play: string) =>
      planHost({
        host: 'director',
        plays: [{ play: 'numbers', resources: [follower] }],
        observations: new Map([['follower', value(1)]]),
        changedElsewhere: new Map([[play, new Set(['elsewhere'])]]),
      });
    expect(countSteps(planned('numbers'))).toBe(1);
    expect(countSteps(planned('others'))).toBe(0);
  });

  test('refuses two resources with one id', () => {
    expect(() => plan([number('a', 1), number('a', 2)], { a: value(1) })).toThrow(
      "two resources are called 'a'",
    );
  });
});
