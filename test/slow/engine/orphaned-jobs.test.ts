import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { apply, type ApplyResult } from '../../../src/engine/apply/apply.ts';
import { type EngineContext } from '../../../src/engine/model/engine-context.ts';
import { type OrphanPolicy } from '../../../src/engine/session/adopt-orphans.ts';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { countSteps } from '../../../src/engine/model/plan.ts';
import { type Script, trusted } from '../../../src/engine/model/shell/script.ts';
import { closeSurvey, survey, type Survey } from '../../../src/engine/apply/survey.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { testContext } from '../../support/engine-context.ts';
import { isAlive } from '../../support/processes.ts';
import { StepLab } from '../../support/lab/step-lab.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

const inProject = (name: string): string =>
  fileURLToPath(new URL(`../../../${name}`, import.meta.url));

asRoot('a run whose lvslab was killed outright', () => {
  let folder: string;
  let lab: StepLab;
  let events: EngineEvent[];
  let surveys: Survey[];
  let children: ChildProcess[];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lvslab-left-'));
    lab = new StepLab(folder);
    events = [];
    surveys = [];
    children = [];
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(surveys.map(closeSurvey));
    rmSync(folder, { recursive: true });
  });

  /** Another lvslab begins three steps; resolves once the second is running. */
  async function begun(second: string): Promise<ChildProcess> {
    const jiti = inProject('node_modules/jiti/lib/jiti-cli.mjs');
    const args = [jiti, inProject('test/support/apply-child.ts'), folder, second];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    children.push(child);
    while (!existsSync(lab.at('ran')) || !lab.ran.includes('two')) await sleep(20);
    return child;
  }

  async function killed(second: string): Promise<void> {
    const child = await begun(second);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** The same steps, and one more. */
  const playbook = (second: Script = trusted('')) =>
    lab.playbook([lab.step('one'), lab.step('two', second), lab.step('three'), lab.step('four')]);

  async function look(
    more: Partial<EngineContext> = {},
    orphans: OrphanPolicy = 'adopt',
  ): Promise<Survey> {
    const host = lab.host(() => Promise.resolve(openLocalConnection({ host: 'a' })));
    const found = await survey(
      [host],
      { playbook: playbook(), orphans },
      testContext({ events, ...more }),
    );
    surveys.push(found);
    return found;
  }

  async function applied(more: Partial<EngineContext> = {}): Promise<ApplyResult> {
    return await apply(
      { survey: await look(more), playbook: playbook() },
      {},
      testContext({ events, ...more }),
    );
  }

  const found = (): readonly EngineEvent[] => events.filter(({ type }) => type === 'job-found');
  const stepsOf = (survey: Survey): readonly number[] =>
    survey.hosts.map(({ plan }) => countSteps(plan));

  test('is followed to its end, and then only the rest is done', async () => {
    await killed('sleep 2');
    expect(await applied()).toMatchObject({ proved: ['a'], failures: [] });
    expect(lab.ran).toEqual(['one', 'two', 'three', 'four']);
    const run = { host: 'a', play: 'make', owner: 'tester', controller: 'here', total: 3 };
    expect(found()).toMatchObject([
      { ...run, state: 'running', isOrphaned: true, done: 1, step: 'note two' },
      { ...run, state: 'done', isOrphaned: true, done: 3 },
    ]);
    const followed = events.flatMap((event) => ('step' in event ? [[event.type, event.step]] : []));
    expect(followed).toEqual([
      ['job-found', 'note two'],
      ['step-followed', 'note two'],
      ['step-finished', 'note two'],
      ['step-started', 'note three'],
      ['step-finished', 'note three'],
      ['step-started', 'note four'],
      ['step-finished', 'note four'],
    ]);
    expect(existsSync(lab.at('runtime'))).toBe(false);
  });

  test('and that has ended since is told and forgotten', async () => {
    await killed('true');
    while (!existsSync(lab.at('three'))) await sleep(20);
    const survey = await look();
    expect(stepsOf(survey)).toEqual([1]);
    expect(survey.hosts.map(({ session }) => session.connection.sessions)).toEqual([3]);
    expect(found()).toMatchObject([{ state: 'done', done: 3, total: 3 }]);
    expect(existsSync(lab.at('runtime'))).toBe(false);
    expect(stepsOf(await look())).toEqual([1]);
    expect(found()).toHaveLength(1);
  });

  test('and that has failed since says how', async () => {
    await killed('sleep 0.5; echo "no such luck"; false');
    await sleep(1000);
    expect((await applied()).failures).toEqual([]);
    expect(found().at(-1)).toMatchObject({
      state: 'failed',
      done: 1,
      step: 'note two',
      reason: 'exit status 1: no such luck',
      output: 'no such luck\n',
    });
    expect(lab.ran).toEqual(['one', 'two', 'two', 'three', 'four']);
  });

  test('and that was killed, too, says in which step', async () => {
    await killed('sleep 60');
    process.kill(lab.jobProcess, 'SIGKILL');
    expect(await applied()).toMatchObject({ proved: ['a'], failures: [] });
    expect(found()).toMatchObject([{ state: 'killed', done: 1, step: 'note two' }]);
    expect(existsSync(lab.at('runtime'))).toBe(false);
  });

  test('is only told by a plan, which changes nothing', async () => {
    await killed('sleep 1');
    const [steps] = stepsOf(await look({}, 'report'));
    expect(steps).toBe(3);
    expect(found()).toMatchObject([{ state: 'running', isOrphaned: true, step: 'note two' }]);
    expect(isAlive(lab.jobProcess)).toBe(true);
    expect((await applied()).failures).toEqual([]);
    expect(lab.ran).toEqual(['one', 'two', 'three', 'four']);
  });

  test('is stopped after its step when the person asks to stop', async () => {
    await killed('sleep 1');
    const interruption = new AbortController();
    const emit = (event: EngineEvent): void => {
      events.push(event);
      if (event.type === 'step-followed') interruption.abort();
    };
    await expect(look({ emit, signal: interruption.signal })).rejects.toMatchObject({
      code: 'E_CANCELLED',
    });
    expect(lab.ran).toEqual(['one', 'two']);
    expect(found().at(-1)).toMatchObject({ state: 'stopped', done: 2 });
    expect(existsSync(lab.at('two'))).toBe(true);
    expect(existsSync(lab.at('runtime'))).toBe(false);
  });

  test('is no business of anybody else while its lvslab lives', async () => {
    const child = await begun('sleep 1.5');
    await look({}, 'report');
    expect(found()).toMatchObject([{ state: 'running', isOrphaned: false, step: 'note two' }]);
    await expect(applied()).rejects.toMatchObject({ code: 'E_LOCKED' });
    expect(found()).toHaveLength(1);
    await once(child, 'exit');
    expect(lab.ran).toEqual(['one', 'two', 'three']);
  });
});
