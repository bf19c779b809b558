import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply, type ApplyResult } from '../../../src/engine/apply/apply.ts';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { type Playbook } from '../../../src/engine/model/play.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { closeSurvey, survey, type Survey } from '../../../src/engine/apply/survey.ts';
import { testContext } from '../../support/engine-context.ts';
import { waitUntil } from '../../support/processes.ts';
import { connectTo } from '../../support/ssh/ssh-client.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';
import { StepLab } from '../../support/lab/step-lab.ts';

/** How long a host may be away follows from it. */
const OPTIONS = { confirmSeconds: 15 };

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a connection that breaks in the middle of a run, over a real sshd', () => {
  let sshd: TestSshd;
  let folder: string;
  let lab: StepLab;
  let events: EngineEvent[];
  let interruption: AbortController;
  let surveys: Survey[];
  /** What is done at the first event of a type. */
  let at: Partial<Record<EngineEvent['type'], (() => void) | undefined>>;

  beforeAll(async () => {
    sshd = await startSshd();
  });

  afterAll(async () => {
    await sshd.stop();
  });

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lvslab-lost-'));
    lab = new StepLab(folder);
    events = [];
    at = {};
    interruption = new AbortController();
    surveys = [];
  });

  afterEach(async () => {
    await Promise.all(surveys.map(closeSurvey));
    rmSync(folder, { recursive: true });
  });

  const file = (name: string): string => lab.at(name);
  const types = (): readonly string[] => events.map(({ type }) => type);

  const context = () =>
    testContext({
      signal: interruption.signal,
      emit: (event) => {
        events.push(event);
        const act = at[event.type];
        at[event.type] = undefined;
        act?.();
      },
    });

  /** Three steps; each writes down that it ran. */
  function playbook(second = trusted('sleep 1'), more: Partial<Resource> = {}): Playbook<string> {
    return lab.playbook([
      lab.step('one'),
      { ...lab.step('two', second), ...more },
      lab.step('three'),
    ]);
  }

  async function look(steps: Playbook<string>, server = sshd): Promise<Survey> {
    const host = lab.host(() => connectTo(server, { host: 'a' }));
    const found = await survey([host], { playbook: steps, orphans: 'adopt' }, context());
    surveys.push(found);
    return found;
  }

  async function applied(steps: Playbook<string>): Promise<ApplyResult> {
    return await apply({ survey: await look(steps), playbook: steps }, OPTIONS, context());
  }

  const keeper = (): number => Number(lab.holder('keeper'));
  const cut = (): void => void process.kill(keeper(), 'SIGKILL');

  test('is made again; every step has run once, and the lock is kept by the new one', async () => {
    let first = 0;
    let second = 0;
    at['step-followed'] = () => (second = keeper());
    at['step-started'] = () =>
      void waitUntil(() => existsSync(file('one'))).then(() => {
        first = keeper();
        cut();
      });
    const result = await applied(playbook());
    expect(result).toMatchObject({ proved: ['a'], failures: [] });
    expect(lab.ran).toEqual(['one', 'two', 'three']);
    expect(second).not.toBe(first);
    expect(second).toBeGreaterThan(1);
    expect(types().filter((type) => /reconnect|step-(started|finished)/.test(type))).toEqual([
      'step-started',
      'step-finished',
      'step-started',
      'reconnecting',
      'reconnected',
      'step-finished',
      'step-started',
      'step-finished',
    ]);
    expect(events).toContainEqual({
      type: 'step-followed',
      host: 'a',
      play: 'make',
      step: 'note two',
      index: 2,
      total: 3,
    });
    expect(existsSync(file('runtime'))).toBe(false);
  });

  test('over and over is made again each time', async () => {
    let cuts = 0;
    const again = (): void => {
      at.reconnected = again;
      if (++cuts <= 3) cut();
    };
    at['step-started'] = again;
    expect(await applied(playbook())).toMatchObject({ failures: [], proved: ['a'] });
    expect(lab.ran).toEqual(['one', 'two', 'three']);
    expect(types().filter((type) => type === 'reconnected')).toHaveLength(3);
  });

  test('in the middle of an upload means that it is done again, whole', async () => {
    const source = file('tarball');
    writeFileSync(source, Buffer.alloc(40_000_000, 'x'));
    const target = file('uploads/tarball');
    at.uploading = () => void setTimeout(cut, 60);
    const uploads = [{ source: () => Promise.resolve(source), path: target }];
    const check = sh`[ "$(wc -c <${target})" -eq 40000000 ]`;
    expect(await applied(playbook(check, { uploads }))).toMatchObject({
      proved: ['a'],
      failures: [],
    });
    expect(types()).toContain('reconnected');
    expect(statSync(target).size).toBe(40_000_000);
    expect(lab.ran).toEqual(['one', 'two', 'three']);
  });

  test('before the proof, or before the lock is given back, costs nothing', async () => {
    at.proving = cut;
    at.proved = () => void setTimeout(cut, 1);
    expect((await applied(playbook(trusted('')))).failures).toEqual([]);
    expect(types().filter((type) => type === 'reconnected').length).toBeGreaterThan(0);
    expect(existsSync(file('runtime'))).toBe(false);
  });

  test('and a host that is away: an interruption ends the waiting, and the run goes on there', async () => {
    const own = await startSshd();
    const steps = playbook(trusted('sleep 1.5'));
    at['step-started'] = () => {
      cut();
      void own.stop();
    };
    at.reconnecting = () => {
      setTimeout(() => {
        interruption.abort();
      }, 300);
    };
    const result = await apply(
      { survey: await look(steps, own), playbook: steps },
      OPTIONS,
      context(),
    );
    expect(result.failures).toMatchObject([
      {
        host: 'a',
        error: { code: 'E_CANCELLED', hint: expect.stringContaining('adopts the job') },
      },
    ]);
    while (!existsSync(file('three'))) await sleep(50);
    expect(lab.ran).toEqual(['one', 'two', 'three']);
  });

  test('because the host was rebooted: the error says so, and which step was running', async () => {
    const steps = playbook();
    const found = await look(steps);
    at['step-finished'] = () => void setTimeout(cut, 300);
    // As if it had been surveyed before its last boot.
    const hosts = found.hosts.map((host) => ({
      ...host,
      session: { ...host.session, boot: 'earlier' },
    }));
    const before = { ...found, hosts };
    const result = await apply({ survey: before, playbook: steps }, OPTIONS, context());
    expect(result.failures).toMatchObject([
      {
        error: {
          code: 'E_JOB_CUT_OFF',
          step: 'note two',
          message:
            "the host was rebooted meanwhile (during 'note two'; 1 of 3 steps of 'make' were done)",
          hint: expect.stringContaining('Run the command again'),
        },
      },
    ]);
  });

  test('a run that was killed says which step was running', async () => {
    at['step-finished'] = () =>
      void setTimeout(() => {
        process.kill(lab.jobProcess, 'SIGKILL');
      }, 300);
    const result = await applied(playbook());
    expect(result.failures).toMatchObject([
      { error: { code: 'E_JOB_CUT_OFF', step: 'note two', host: 'a' } },
    ]);
    expect(existsSync(file('three'))).toBe(false);
    expect(existsSync(file('runtime'))).toBe(false);
  });
});
