import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { apply } from '../../../src/engine/apply/apply.ts';
import { type MakeFromSpec } from '../../../src/engine/model/engine-context.ts';
import { countSteps } from '../../../src/engine/model/plan.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { lines, sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { file } from '../../../src/index.ts';
import { replaceFile } from '../../../src/resources/files/file-state.ts';
import { makeFromSpec } from '../../../src/resources/resource-kinds.ts';
import { FolderHost } from '../../support/ssh/folder-host.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a teardown, on this machine through a real sh', () => {
  let host: FolderHost;
  const at = (name: string): string => host.at(name);

  beforeEach(() => {
    host = new FolderHost();
  });

  afterEach(async () => {
    await host.remove();
  });

  test('three rounds of apply and teardown leave the tree as it was, and nothing of ours', async () => {
    const before = host.tree();
    for (const text of ['one', 'two', 'three']) {
      const made = await host.apply(host.playbook(host.wanted(text)));
      expect(made.failures).toEqual([]);
      expect(readFileSync(at('etc/page'), 'utf8')).toBe(text);
      expect(statSync(host.journal).mode & 0o777).toBe(0o600);
      expect(statSync(at('state')).mode & 0o777).toBe(0o700);
      const undone = await host.tearDown();
      expect(undone.failures).toEqual([]);
      expect(undone.proved).toEqual(['a']);
      expect(host.tree()).toBe(before);
      expect(existsSync(at('state'))).toBe(false);
      expect(existsSync(at('runtime'))).toBe(false);
    }
  });

  test('later runs never change what the journal says of the beginning', async () => {
    const before = host.tree();
    await host.apply();
    await host.apply(host.playbook(host.wanted('newer')));
    await host.apply(host.playbook(host.wanted('newest')));
    expect((await host.tearDown()).failures).toEqual([]);
    expect(host.tree()).toBe(before);
  });

  test('a run with nothing to do takes two sessions and writes nothing', async () => {
    await host.apply();
    const { mtimeMs } = statSync(host.journal);
    const again = await host.survey(host.playbook());
    await apply({ survey: again, playbook: host.playbook() }, {}, host.context());
    expect(again.hosts.map(({ session }) => session.connection.sessions)).toEqual([2]);
    expect(statSync(host.journal).mtimeMs).toBe(mtimeMs);
  });

  test('a teardown of a host that was never touched has nothing to do', async () => {
    expect(await host.tearDown()).toMatchObject({ steps: 0, failures: [] });
    expect(existsSync(at('state'))).toBe(false);
  });

  test('an unreachable host counts only where it may hold something to undo', async () => {
    await host.apply();
    host.others = [host.unreachable('rs9', false)];
    expect((await host.tearDown()).failures).toMatchObject([{ host: 'rs9' }]);
    await host.apply();
    host.others = [host.unreachable('client', true)];
    expect((await host.tearDown()).failures).toEqual([]);
    expect(host.notices).toContain('passed over');
    expect(host.notices).toContain('no answer');
  });

  test('a file that somebody changed is kept with what it may rest on, and goes when told so', async () => {
    const before = host.tree();
    await host.apply();
    appendFileSync(at('etc/page'), 'by hand');
    const first = await host.tearDown();
    expect(first.kept).toEqual([
      `file ${at('etc/page')}`,
      `file ${at('etc/made/file')}`,
      `directory ${at('etc/made')}`,
    ]);
    expect(readFileSync(at('etc/page'), 'utf8')).toBe('new pageby hand');
    expect(readFileSync(at('etc/config'), 'utf8')).toContain('KEY=old');
    expect(existsSync(host.journal)).toBe(true);

    expect((await host.tearDown({ overwrite: true })).failures).toEqual([]);
    expect(host.tree()).toBe(before);
    expect(existsSync(at('state'))).toBe(false);
  });

  test('only what was named goes, and its next touch begins anew', async () => {
    const before = host.tree();
    await host.apply();
    const only = [`file ${at('etc/page')}`];
    expect((await host.tearDown({ only })).failures).toEqual([]);
    expect(readFileSync(at('etc/page'), 'utf8')).toContain('old page');
    expect(existsSync(at('etc/made/file'))).toBe(true);

    writeFileSync(at('etc/page'), 'old page\u0000with a NUL');
    await host.apply();
    await host.tearDown();
    expect(host.tree()).toBe(before);
    await expect(host.tearDown({ only: ['file /nowhere'] })).rejects.toMatchObject({
      code: 'E_USAGE',
    });
  });

  test('what others share is left for good where that is asked for', async () => {
    const [folder, ...others] = host.wanted();
    const shared = { ...folder, undo: { shared: true } } as Resource;
    const ownKinds: MakeFromSpec = (spec) => {
      const made = makeFromSpec(spec);
      return spec.kind === 'directory' ? { ...made, undo: { ...made.undo, shared: true } } : made;
    };
    await host.apply(host.playbook([shared, ...others]), { makeFromSpec: ownKinds });
    expect(
      (await host.tearDown({ keepShared: true }, { makeFromSpec: ownKinds })).failures,
    ).toEqual([]);
    expect(existsSync(at('etc/made'))).toBe(true);
    expect(existsSync(at('etc/made/file'))).toBe(false);
    expect(existsSync(at('state'))).toBe(false);
  });

  test('what a playbook wants no longer goes, but not what another one made', async () => {
    const before = host.tree();
    const other = host.playbook([file({ path: at('etc/other'), content: 'x' })], 'other');
    await host.apply();
    await host.apply(other);
    const less = host.playbook(host.wanted().slice(2));
    const result = await host.apply(less);
    expect(result.failures).toEqual([]);
    expect(existsSync(at('etc/made'))).toBe(false);
    expect(existsSync(at('etc/other'))).toBe(true);
    expect((await host.survey(less)).hosts.map(({ plan }) => countSteps(plan))).toEqual([0]);
    expect((await host.tearDown()).failures).toEqual([]);
    expect(host.tree()).toBe(before);
  });

  test('the journal keeps what a change brought, and that another one was cut off', async () => {
    const pasts: (readonly [unknown, boolean])[] = [];
    const telling = (resource: Resource, ending = 'true'): Resource => ({
      ...resource,
      undo: { ...resource.undo, outcome: (from, to) => `${from.kind} to ${to.kind}` },
      aim(found, past) {
        if (past !== undefined) pasts.push([past.outcomes, past.interrupted]);
        return resource.aim(found, past);
      },
      converge: (from, to) => lines(resource.converge(from, to), trusted(ending)),
    });
    const page = (content: string) => file({ path: at('etc/new'), content });
    await host.apply(host.playbook([telling(page('1'))]));
    expect((await host.apply(host.playbook([telling(page('2'), 'false')]))).failures).toHaveLength(
      1,
    );
    // Another step fails after this one has come to its end.
    const failing = {
      ...file({ path: at('etc/x'), content: 'x' }),
      converge: () => trusted('false'),
    };
    await host.apply(host.playbook([telling(page('3')), failing]));
    await host.survey(host.playbook([telling(page('3'))]));
    expect(pasts).toEqual([
      [['absent to value'], false],
      [['absent to value'], true],
      [['absent to value', 'value to value'], false],
    ]);
  });

  test('what others need stays with its journal entry until nobody does', async () => {
    const before = host.tree();
    const isNeeded = at('usr/others');
    const ownKinds: MakeFromSpec = (spec) => {
      const made = makeFromSpec(spec);
      return made.id !== `file ${at('etc/made/file')}`
        ? made
        : {
            ...made,
            undo: {
              ...made.undo,
              aim: (found, past, stays) => (stays.size === 0 ? past.before : found),
              askOthers: () => ({
                script: sh`if [ -e ${isNeeded} ]; then echo others; fi`,
                settle: (output) =>
                  new Map(output.trim() === '' ? [] : [['file', 'needed by others']]),
              }),
            },
          };
    };
    await host.apply();
    writeFileSync(isNeeded, '');
    const only = host
      .wanted()
      .slice(1)
      .map(({ id }) => id);
    const first = await host.tearDown({ only }, { makeFromSpec: ownKinds });
    expect(first).toMatchObject({ failures: [], kept: [`file ${at('etc/made/file')}`] });
    expect(existsSync(at('etc/made/file'))).toBe(true);
    expect(readFileSync(host.journal, 'utf8')).toContain('etc/made/file');
    rmSync(isNeeded);
    expect((await host.tearDown({}, { makeFromSpec: ownKinds })).failures).toEqual([]);
    expect(host.tree()).toBe(before);
  });

  test.each([0, 1, 2, 3])(
    'a change that broke off after step %i is undone whole, and so is a broken teardown',
    async (fatal) => {
      const before = host.tree();
      const breaksAt = (resource: Resource, place: number): Resource =>
        place === fatal
          ? {
              ...resource,
              converge: (from, to) => lines(resource.converge(from, to), trusted('false')),
            }
          : resource;
      const broken = await host.apply(host.playbook(host.wanted().map(breaksAt)));
      expect(broken.failures).toHaveLength(1);

      const places = new Map(host.wanted().map(({ id }, place) => [id, place]));
      const ownKinds: MakeFromSpec = (spec) => {
        const made = makeFromSpec(spec);
        return breaksAt(made, places.get(made.id) ?? -1);
      };
      expect((await host.tearDown({}, { makeFromSpec: ownKinds })).failures).toHaveLength(1);
      expect(existsSync(host.journal)).toBe(true);
      expect(existsSync(at('runtime/lock'))).toBe(false);

      expect((await host.tearDown()).failures).toEqual([]);
      expect(host.tree()).toBe(before);
      expect(existsSync(at('state'))).toBe(false);
    },
  );

  test('a file that was being written when the run was killed does not lie around', async () => {
    const before = host.tree();
    const page = at('etc/page');
    const cutOff: Resource = {
      ...file({ path: page, content: 'new' }),
      converge: () => replaceFile(page, trusted('echo half; kill -9 0')),
    };
    const broken = await host.apply(host.playbook([cutOff]));
    expect(broken.failures.map(({ error }) => error.code)).toEqual(['E_JOB_CUT_OFF']);
    expect(host.tree()).toContain('etc/.page.lvslab');
    expect((await host.tearDown()).failures).toEqual([]);
    expect(host.tree()).toBe(before);
    expect(existsSync(at('state'))).toBe(false);
  });

  test('a journal whose last line was cut short still takes all the rest back', async () => {
    const before = host.tree();
    await host.apply();
    const whole = statSync(host.journal).size;
    // The next run's lines were being written when the power went.
    appendFileSync(host.journal, '0123456789abcdef0123456789abcdef {"type":"first","id":"ha');
    const mended = await host.apply(host.playbook(host.wanted('other')));
    expect(mended.failures).toEqual([]);
    expect(host.notices).toContain('1 damaged line');
    expect(statSync(host.journal).size).toBeGreaterThan(whole);
    expect((await host.tearDown()).failures).toEqual([]);
    expect(host.tree()).toBe(before);
  });

  test('a journal cut anywhere in its last line is noticed', async () => {
    await host.apply();
    truncateSync(host.journal, statSync(host.journal).size - 7);
    await host.survey(host.playbook());
    expect(host.notices).toContain('1 damaged line');
  });

  test('nothing is changed when the journal cannot be written', async () => {
    const before = host.tree();
    writeFileSync(at('state'), 'in the way');
    const result = await host.apply();
    expect(result.failures.map(({ error }) => [error.code, error.step])).toEqual([
      ['E_STEP_FAILED', 'journal'],
    ]);
    expect(host.tree()).toBe(before);
    expect(existsSync(at('runtime/lock'))).toBe(false);
  });

  test('a plan that another run has overtaken is not carried out', async () => {
    const early = await host.survey(host.playbook());
    await host.apply(host.playbook(host.wanted('quicker')));
    const late = apply({ survey: early, playbook: host.playbook() }, {}, host.context());
    await expect(late).rejects.toMatchObject({ code: 'E_STALE_PLAN', host: 'a' });
    expect(readFileSync(at('etc/page'), 'utf8')).toBe('quicker');
  });
});
