import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { apply } from '../../src/engine/apply.ts';
import { type ChangeSurroundings } from '../../src/engine/changes.ts';
import { type RunEvent } from '../../src/engine/events.ts';
import { countSteps } from '../../src/engine/plan.ts';
import { type Playbook } from '../../src/engine/play.ts';
import { type Resource } from '../../src/engine/resource.ts';
import { lines, sh, trusted } from '../../src/engine/script.ts';
import { closeSurvey, type EngineHost, survey, type Survey } from '../../src/engine/survey.ts';
import { surveyTeardown, type TeardownOptions } from '../../src/engine/teardown.ts';
import { configKey, directory, file } from '../../src/index.ts';
import { reviveResource } from '../../src/resources/revive.ts';
import { openLocalConnection } from '../../src/transport/local-connection.ts';
import { testSurroundings } from '../support/change-surroundings.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('taking back, on this machine through a real sh', () => {
  let root: string;
  let events: RunEvent[];
  let surveys: Survey[];
  let children: ChildProcess[];

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "lvslab it's "));
    events = [];
    surveys = [];
    children = [];
    mkdirSync(at('etc'));
    mkdirSync(at('usr'));
    writeFileSync(at('usr/config'), 'A=1\nKEY=old\nB=2');
    chmodSync(at('usr/config'), 0o640);
    symlinkSync('../usr/config', at('etc/config'));
    writeFileSync(at('etc/page'), 'old page\u0000with a NUL', { mode: 0o604 });
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(surveys.map(closeSurvey));
    rmSync(root, { recursive: true });
  });

  const at = (name: string): string => path.join(root, name);
  const journal = (): string => at('lasting/journal');
  const notices = () => events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));

  function host(name = 'a', readOnly = false): EngineHost<string> {
    return {
      name,
      groups: ['servers'],
      readOnly,
      connect: async () => openLocalConnection({ host: name }),
      facts: sh`echo ${name}`,
      context: (facts) => facts.trim(),
      folders: { lasting: at('lasting'), passing: at('passing') },
    };
  }

  const surroundings = (more: Partial<ChangeSurroundings> = {}) =>
    testSurroundings({ events, ...more });

  /** A folder, a file in it, a file that was there, one key of a shared one behind a symlink. */
  const wanted = (text = 'new page'): readonly Resource[] => [
    directory({ path: at('etc/made'), mode: '0750' }),
    file({ path: at('etc/made/file'), content: 'made\n' }),
    file({ path: at('etc/page'), content: text }),
    configKey({ file: at('etc/config'), key: 'KEY', line: 'KEY=new' }),
  ];

  function playbook(make: () => readonly Resource[], name = 'site'): Playbook<string> {
    return { name, plays: [{ name: 'make', hosts: 'servers', resources: () => make() }] };
  }

  async function look(wants: Playbook<string>, more: Partial<ChangeSurroundings> = {}) {
    const found = await survey([host()], wants, surroundings(more));
    surveys.push(found);
    return found;
  }

  async function applied(wants = playbook(wanted), more: Partial<ChangeSurroundings> = {}) {
    return await apply(await look(wants, more), wants, surroundings(more));
  }

  async function back(
    options: Partial<TeardownOptions> = {},
    more: Partial<ChangeSurroundings> = {},
  ) {
    const all = { only: [], keepShared: false, overwrite: false, ...options };
    const found = await surveyTeardown([host()], all, surroundings(more));
    surveys.push(found.survey);
    const kept = found.survey.hosts.flatMap(({ plan }) => plan.kept ?? []).map(({ id }) => id);
    const steps = found.survey.hosts.map(({ plan }) => countSteps(plan));
    return { ...(await apply(found.survey, found.playbook, surroundings(more))), kept, steps };
  }

  /** Every entry below etc and usr, with all that can be told of it. */
  function tree(): string {
    return execFileSync(
      'sh',
      [
        '-c',
        'find etc usr -printf "%p %y %m %U %G %l\\n" | sort; find etc usr -type f | sort | xargs sha256sum',
      ],
      { cwd: root, encoding: 'utf8' },
    );
  }

  test('three rounds of apply and teardown leave the tree as it was, and nothing of ours', async () => {
    const before = tree();
    for (const text of ['one', 'two', 'three']) {
      const made = await applied(playbook(() => wanted(text)));
      expect(made.failures).toEqual([]);
      expect(readFileSync(at('etc/page'), 'utf8')).toBe(text);
      expect(statSync(journal()).mode & 0o777).toBe(0o600);
      expect(statSync(at('lasting')).mode & 0o777).toBe(0o700);
      const undone = await back();
      expect(undone.failures).toEqual([]);
      expect(undone.proved).toEqual(['a']);
      expect(tree()).toBe(before);
      expect(existsSync(at('lasting'))).toBe(false);
      expect(existsSync(at('passing'))).toBe(false);
    }
  });

  test('later runs never change what the journal says of the beginning', async () => {
    const before = tree();
    await applied();
    await applied(playbook(() => wanted('newer')));
    await applied(playbook(() => wanted('newest')));
    expect((await back()).failures).toEqual([]);
    expect(tree()).toBe(before);
  });

  test('a run with nothing to do takes two sessions and writes nothing', async () => {
    await applied();
    const { mtimeMs } = statSync(journal());
    const again = await look(playbook(wanted));
    await apply(again, playbook(wanted), surroundings());
    expect(again.hosts.map(({ connection }) => connection.sessions)).toEqual([2]);
    expect(statSync(journal()).mtimeMs).toBe(mtimeMs);
  });

  test('a teardown of a host that was never touched has nothing to do', async () => {
    expect(await back()).toMatchObject({ steps: [0], failures: [] });
    expect(existsSync(at('lasting'))).toBe(false);
  });

  test('a file that somebody changed is kept with what it may rest on, and goes when told so', async () => {
    const before = tree();
    await applied();
    appendFileSync(at('etc/page'), 'by hand');
    const first = await back();
    expect(first.kept).toEqual([
      `file ${at('etc/page')}`,
      `file ${at('etc/made/file')}`,
      `directory ${at('etc/made')}`,
    ]);
    expect(readFileSync(at('etc/page'), 'utf8')).toBe('new pageby hand');
    expect(readFileSync(at('etc/config'), 'utf8')).toContain('KEY=old');
    expect(existsSync(journal())).toBe(true);

    expect((await back({ overwrite: true })).failures).toEqual([]);
    expect(tree()).toBe(before);
    expect(existsSync(at('lasting'))).toBe(false);
  });

  test('only what was named goes, and its next touch begins anew', async () => {
    const before = tree();
    await applied();
    const only = [`file ${at('etc/page')}`];
    expect((await back({ only })).failures).toEqual([]);
    expect(readFileSync(at('etc/page'), 'utf8')).toContain('old page');
    expect(existsSync(at('etc/made/file'))).toBe(true);

    writeFileSync(at('etc/page'), 'old page\u0000with a NUL');
    await applied();
    await back();
    expect(tree()).toBe(before);
    await expect(back({ only: ['file /nowhere'] })).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  test('what others share is left for good where that is asked for', async () => {
    const [folder, ...others] = wanted();
    const shared = { ...folder, shared: true } as Resource;
    const revive: ChangeSurroundings['revive'] = (spec) => {
      const made = reviveResource(spec);
      return spec.kind === 'directory' ? { ...made, shared: true } : made;
    };
    await applied(
      playbook(() => [shared, ...others]),
      { revive },
    );
    expect((await back({ keepShared: true }, { revive })).failures).toEqual([]);
    expect(existsSync(at('etc/made'))).toBe(true);
    expect(existsSync(at('etc/made/file'))).toBe(false);
    expect(existsSync(at('lasting'))).toBe(false);
  });

  test('what a playbook wants no longer goes, but not what another one made', async () => {
    const before = tree();
    const other = playbook(() => [file({ path: at('etc/other'), content: 'x' })], 'other');
    await applied();
    await applied(other);
    const less = playbook(() => wanted().slice(2));
    const result = await applied(less);
    expect(result.failures).toEqual([]);
    expect(existsSync(at('etc/made'))).toBe(false);
    expect(existsSync(at('etc/other'))).toBe(true);
    expect((await look(less)).hosts.map(({ plan }) => countSteps(plan))).toEqual([0]);
    expect((await back()).failures).toEqual([]);
    expect(tree()).toBe(before);
  });

  test.each([0, 1, 2, 3])(
    'a change that broke off after step %i is taken back whole, and so is a broken way back',
    async (fatal) => {
      const before = tree();
      const breaksAt = (resource: Resource, place: number): Resource =>
        place === fatal
          ? {
              ...resource,
              converge: (from, to) => lines(resource.converge(from, to), trusted('false')),
            }
          : resource;
      const broken = await applied(playbook(() => wanted().map(breaksAt)));
      expect(broken.failures).toHaveLength(1);

      const places = new Map(wanted().map(({ id }, place) => [id, place]));
      const revive: ChangeSurroundings['revive'] = (spec) => {
        const made = reviveResource(spec);
        return breaksAt(made, places.get(made.id) ?? -1);
      };
      expect((await back({}, { revive })).failures).toHaveLength(1);
      expect(existsSync(journal())).toBe(true);
      expect(existsSync(at('passing/lock'))).toBe(false);

      expect((await back()).failures).toEqual([]);
      expect(tree()).toBe(before);
      expect(existsSync(at('lasting'))).toBe(false);
    },
  );

  test('a journal whose last line was cut short still takes all the rest back', async () => {
    const before = tree();
    await applied();
    const whole = statSync(journal()).size;
    // The next run's lines were being written when the power went.
    appendFileSync(journal(), '0123456789abcdef0123456789abcdef {"type":"first","id":"ha');
    const mended = await applied(playbook(() => wanted('other')));
    expect(mended.failures).toEqual([]);
    expect(notices().join()).toContain('1 damaged line');
    expect(statSync(journal()).size).toBeGreaterThan(whole);
    expect((await back()).failures).toEqual([]);
    expect(tree()).toBe(before);
  });

  test('a journal cut anywhere in its last line is noticed', async () => {
    await applied();
    truncateSync(journal(), statSync(journal()).size - 7);
    await look(playbook(wanted));
    expect(notices().join()).toContain('1 damaged line');
  });

  test('nothing is changed when the journal cannot be written', async () => {
    const before = tree();
    writeFileSync(at('lasting'), 'in the way');
    const result = await applied();
    expect(result.failures.map(({ error }) => [error.code, error.step])).toEqual([
      ['E_STEP_FAILED', 'journal'],
    ]);
    expect(tree()).toBe(before);
    expect(existsSync(at('passing/lock'))).toBe(false);
  });

  test('a plan that another run has overtaken is not carried out', async () => {
    const early = await look(playbook(wanted));
    await applied(playbook(() => wanted('quicker')));
    const late = apply(early, playbook(wanted), surroundings());
    await expect(late).rejects.toMatchObject({ code: 'E_STALE_PLAN', host: 'a' });
    expect(readFileSync(at('etc/page'), 'utf8')).toBe('quicker');
  });

  describe('the lock', () => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

    /** A lock that the process with this number keeps, as another controller would have left it. */
    function leaveLock(keeper: number, { of = boot }: { readonly of?: string } = {}): void {
      const stat = existsSync(`/proc/${keeper}/stat`)
        ? readFileSync(`/proc/${keeper}/stat`, 'utf8')
        : '';
      const started = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[19] ?? '1';
      mkdirSync(at('passing/lock'), { recursive: true });
      writeFileSync(
        at('passing/lock/holder'),
        [
          'owner=alice',
          'controller=laptop',
          'run=r1',
          'since=2024-05-01T10:00:00.000Z',
          `boot=${of}`,
          `keeper=${keeper}`,
          `started=${started}`,
          '',
        ].join('\n'),
      );
    }

    function bystander(...args: readonly string[]): ChildProcess {
      const child = spawn(args[0] ?? '', args.slice(1), { cwd: root });
      children.push(child);
      return child;
    }

    async function deadProcess(): Promise<number> {
      const child = bystander('true');
      await once(child, 'exit');
      return child.pid ?? 0;
    }

    test('stops a second controller at once, and names the first', async () => {
      const before = tree();
      leaveLock(process.pid);
      await expect(applied()).rejects.toMatchObject({
        code: 'E_LOCKED',
        host: 'a',
        message: expect.stringContaining(
          'alice on laptop, since 2024-05-01T10:00:00.000Z (run r1)',
        ),
      });
      expect(tree()).toBe(before);
      expect(existsSync(at('passing/lock/holder'))).toBe(true);
    });

    test('is held while a run goes on, and by one of two at the same moment', async () => {
      const slow = playbook(() => [
        {
          ...file({ path: at('etc/slow'), content: 'x' }),
          converge: () => sh`sleep 1; echo -n x >${at('etc/slow')}`,
        },
      ]);
      const found = [await look(slow), await look(slow)];
      const ends = await Promise.allSettled(
        found.map((early) => apply(early, slow, surroundings())),
      );
      expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      const [refused] = ends.flatMap((end): unknown[] =>
        end.status === 'rejected' ? [end.reason] : [],
      );
      expect(refused).toMatchObject({
        code: 'E_LOCKED',
        message: expect.stringContaining('tester on here'),
      });
      expect(existsSync(at('passing'))).toBe(false);
    });

    test('is waited for, and then the plan has to be a new one', async () => {
      const keeper = bystander('sleep', '1');
      leaveLock(keeper.pid ?? 0);
      await expect(applied(undefined, { lockWaitMs: 10_000 })).rejects.toMatchObject({
        code: 'E_STALE_PLAN',
      });
      expect((await applied()).failures).toEqual([]);
    });

    test('of another boot is dead, whatever process has its number now', async () => {
      leaveLock(process.pid, { of: '00000000-0000-0000-0000-000000000000' });
      expect((await applied()).failures).toEqual([]);
      expect(notices().join()).toMatch(/took over .* alice on laptop/);
    });

    test('whose connection is gone is dead, but not while its run goes on', async () => {
      leaveLock(await deadProcess());
      const run = at('passing/runs/r1');
      mkdirSync(run, { recursive: true });
      const child = spawn('sleep', ['60'], { cwd: run });
      children.push(child);
      writeFileSync(path.join(run, 'pid'), `${child.pid}\n`);
      await expect(applied()).rejects.toMatchObject({ code: 'E_LOCKED' });
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect((await applied()).failures).toEqual([]);
      expect(notices().join()).toContain('took over');
    });
  });
});
