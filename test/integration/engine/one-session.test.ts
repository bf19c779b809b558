import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { closeSurvey, survey, type SurveyedHost } from '../../../src/engine/apply/survey.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { sh } from '../../../src/engine/model/shell/script.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { testContext } from '../../support/engine-context.ts';
import { StepLab } from '../../support/lab/step-lab.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('what is read of a host whose facts are known from the last time', () => {
  let folder: string;
  let lab: StepLab;
  let kept: string[];

  beforeEach(() => {
    folder = mkdtempSync(`${tmpdir()}/lvslab-session-`);
    lab = new StepLab(folder);
    kept = [];
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** The host's facts are 'new'; each resource is named after the facts that it was made of. */
  async function surveyed(
    last: string | undefined,
    resources: (facts: string) => readonly Resource[],
  ): Promise<SurveyedHost> {
    const host = lab.host(() => Promise.resolve(openLocalConnection({ host: 'a' })));
    const lastFacts = {
      read: () => Promise.resolve(last),
      keep: (facts: string) => {
        kept.push(facts.trim());
        return Promise.resolve();
      },
    };
    const plays = [{ name: 'make', hosts: 'a', resources }];
    const found = await survey(
      [{ ...host, facts: sh`echo new`, lastFacts }],
      { playbook: { name: 'steps', plays }, orphans: 'report' },
      testContext({}),
    );
    await closeSurvey(found);
    const [one] = found.hosts;
    if (one === undefined) throw new Error(found.failures[0]?.error.message);
    return one;
  }

  const steps = (facts: string): readonly Resource[] => [lab.step('always'), lab.step(facts)];

  test.each<readonly [string, string | undefined, number]>([
    ['the same as now', 'new', 1],
    ['others, so that another resource is wanted', 'old', 2],
    ['not there', undefined, 2],
  ])('when they are %s', async (_when, last, sessions) => {
    writeFileSync(lab.at('new'), 'other');
    const { session, observations } = await surveyed(last, steps);
    expect(session.connection.sessions).toBe(sessions);
    expect([...observations.keys()]).toEqual(['note always', 'note new']);
    expect(observations.get('note new')).toMatchObject({ kind: 'value' });
    expect(observations.get('note always')).toEqual({ kind: 'absent' });
    expect(kept).toEqual(['new']);
  });

  test('when a play can do nothing with them', async () => {
    const { session, observations } = await surveyed('nonsense', (facts) => {
      if (facts === 'nonsense') throw new Error('no facts');
      return steps(facts);
    });
    expect(session.connection.sessions).toBe(2);
    expect(observations.size).toBe(2);
  });

  test('when what was guessed ends the whole reading, it is read anew', async () => {
    const { session, observations } = await surveyed('old', (facts) =>
      facts === 'old'
        ? [{ ...lab.step('old'), observe: sh`kill -KILL $$` }, lab.step('always')]
        : steps(facts),
    );
    expect(session.connection.sessions).toBe(2);
    expect(observations.get('note always')).toEqual({ kind: 'absent' });
  });

  test('when one of them fails, its own reason is told', async () => {
    const failing = { ...lab.step('failing'), observe: sh`echo 'no answer' >&2; exit 3` };
    const reading = surveyed('new', () => [failing, lab.step('always')]);
    await expect(reading).rejects.toThrow('the state could not be told: no answer');
  });
});
