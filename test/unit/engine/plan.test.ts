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
  more: Pick<Resource<number>, 'afterChanges' | 'conflicts' | 'notice'> = {},
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
    ...more,
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

  test('what an unknown state advises is passed on, else that it is looked at there', () => {
    const failure = (observed: Record<string, Observed<unknown>>): unknown => {
      try {
        return plan([number('a', 1)], observed);
      } catch (error) {
        return error;
      }
    };
    const lacking = { a: unknown('no room', 'Make room on /var.') };
    expect(failure(lacking)).toMatchObject({ host: 'rs1', step: 'a', hint: 'Make room on /var.' });
    expect(failure({})).toMatchObject({ hint: expect.stringContaining('on the host itself') });
  });

  test('a change starts from what the resource will find then', () => {
    const restarted = number('service', 1, { afterChanges: () => value(7) });
    const [step] = plan([restarted], { service: value(1) }).plays[0]?.steps ?? [];
    expect(step).toMatchObject({ from: value(7), to: value(1) });
    expect(step?.changes).toHaveLength(1);
  });

  test('what is as it should be may have something to say, and what has to change has not', () => {
    const talking = (id: string, text: string | undefined) => number(id, 1, { notice: () => text });
    const resources = [talking('a', 'reboot'), talking('b', undefined), talking('c', 'wait')];
    const planned = plan(resources, { a: value(1), b: value(1), c: value(0) });
    expect(planned.notices).toEqual(['reboot']);
  });

  test('all that stands against the plan is told at once, whether or not something would change', () => {
    const against = (id: string, ...lines: readonly number[]) =>
      number(id, 1, {
        conflicts: () =>
          lines.map((line) => ({
            file: '/etc/x',
            line,
            why: 'it holds the port',
            hint: 'Mend it.',
          })),
      });
    const observed = { a: value(1), b: value(0), c: value(1) };
    const refused = (...resources: readonly Resource[]): unknown => {
      try {
        return plan(resources, observed);
      } catch (error) {
        return error;
      }
    };
    expect(refused(against('a', 3, 4), number('b', 1), against('c', 5))).toMatchObject({
      ...{ code: 'E_CONFLICT', host: 'rs1', step: 'a, c' },
      message: [3, 4, 5].map((line) => `/etc/x:${line}: it holds the port`).join('\n'),
      // Twice the same advice is once enough.
      hint: expect.stringMatching(/^Mend it\. Then run/),
      conflicts: [{ line: 3 }, { line: 4 }, { line: 5 }],
    });
    expect(refused(against('a', 3, 4))).toMatchObject({ step: 'a' });
    expect(refused(against('a'))).toMatchObject({ host: 'rs1', notices: [] });
  });

  test('a resource sees what the changes before it will have done', () => {
    const restarted = number('service', 1, {
      afterChanges: (observed, changed) => (changed.has('file') ? value(0) : observed),
    });
    const observed = { file: value(1), service: value(1) };
    expect(countSteps(plan([number('file', 1), restarted], observed))).toBe(0);
    expect(countSteps(plan([number('file', 2), restarted], observed))).toBe(2);
  });

  test('a resource sees what earlier plays change on other hosts, where its play comes after them', () => {
    const follower = number('follower', 1, {
      afterChanges: (observed, changed) => (changed.has('elsewhere') ? value(0) : observed),
    });
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

  test('refuses one id in two plays of a host', () => {
    const plays = ['first', 'second'].map((play) => ({ play, resources: [number('a', 1)] }));
    const observations = new Map([['a', value(1)]]);
    expect(() => planHost({ host: 'rs1', plays, observations })).toThrow("called 'a'");
  });

  test('counts the steps of all plays', () => {
    const play = (...ids: readonly string[]) => ({
      play: ids.join(),
      resources: ids.map((id) => number(id, 1)),
    });
    const observations = new Map(['a', 'b', 'c'].map((id) => [id, value(0)]));
    const planned = planHost({ host: 'rs1', plays: [play('a', 'b'), play('c')], observations });
    expect(countSteps(planned)).toBe(3);
  });
});
