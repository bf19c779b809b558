import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { ConnectionLostError } from '../../../src/engine/model/failures/errors.ts';
import { printJournalLine } from '../../../src/engine/journal/journal-line.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { sh } from '../../../src/engine/model/shell/script.ts';
import { file } from '../../../src/index.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { FolderHost } from '../../support/ssh/folder-host.ts';
import { note } from '../../support/note.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('the end of a run: what was done is noted down, and the lock given back', () => {
  let host: FolderHost;

  beforeEach(() => {
    host = new FolderHost();
  });

  afterEach(async () => {
    await host.remove();
  });

  const lines = (): readonly string[] => readFileSync(host.journal, 'utf8').trim().split('\n');
  const ended = (): readonly string[] => lines().filter((line) => line.includes('"ended"'));

  /** A file of which the journal is told what became of it. */
  function told(more: Partial<Resource> = {}): Resource {
    const [, , page] = host.wanted();
    if (page === undefined) throw new Error('no page');
    return { ...page, undo: { ...page.undo, outcome: () => 'as told' }, ...more };
  }

  /** This machine, but that the connection breaks once a script of this kind has run, the first time. */
  function losing(isLost: (text: string) => boolean): () => Connection {
    let lost = 0;
    const open = (): Connection => {
      const local = openLocalConnection({ host: 'a' });
      return {
        host: 'a',
        pace: local.pace,
        get sessions() {
          return local.sessions;
        },
        run: async (script, options) => {
          const result = await local.run(script, options);
          if (isLost(script.text) && lost++ === 0) {
            throw new ConnectionLostError('gone', { host: 'a', step: 'run' });
          }
          return result;
        },
        upload: (from, to) => local.upload(from, to),
        again: () => Promise.resolve(open()),
        close: () => local.close(),
      };
    };
    return open;
  }

  const isRelease = (text: string): boolean => text.includes('echo released');

  test('is a success when the connection breaks right after it, and nothing is written twice', async () => {
    host.open = losing(isRelease);
    const result = await host.apply(host.playbook([told()]));
    expect(result).toMatchObject({ failures: [], proved: ['a'] });
    expect(ended()).toHaveLength(1);
    expect(existsSync(host.at('runtime'))).toBe(false);
  });

  test('is a success as well for a teardown, whose journal is gone by then', async () => {
    await host.apply(host.playbook([told()]));
    host.open = losing(isRelease);
    expect(await host.tearDown()).toMatchObject({ failures: [], proved: ['a'] });
    expect(existsSync(host.at('state'))).toBe(false);
  });

  test('a lock that is somebody else’s by the end is told, and what was done is not called proved', async () => {
    const stolen = host.at('runtime/lock/holder');
    const page = told();
    const steals: Resource = {
      ...page,
      converge: (from, to) => sh`${page.converge(from, to)}
sed -i s/^run=.*/run=other/ ${stolen}`,
    };
    const result = await host.apply(host.playbook([steals]));
    expect(result).toMatchObject({
      proved: [],
      failures: [{ host: 'a', error: { code: 'E_JOB_CUT_OFF', step: 'unlock' } }],
    });
    expect(readFileSync(stolen, 'utf8')).toContain('run=other');
  });

  test('a run that still goes on keeps its lock, and that is told', async () => {
    const page = told();
    const forks: Resource = {
      ...page,
      converge: (from, to) => sh`${page.converge(from, to)}
run=$(sed -n s/^run=//p ${host.at('runtime/lock/holder')})
mkdir -p ${host.at('runtime/runs')}/"$run.9"; cd ${host.at('runtime/runs')}/"$run.9"
setsid sh -c 'echo $$ >pid; exec sleep 600' </dev/null >/dev/null 2>&1 3>&- &
until [ -s pid ]; do sleep 0.1; done`,
    };
    const result = await host.apply(host.playbook([forks]));
    const holder = readFileSync(host.at('runtime/lock/holder'), 'utf8');
    const run = /^run=(.*)$/m.exec(holder)?.[1] ?? '';
    process.kill(Number(readFileSync(host.at(`runtime/runs/${run}.9/pid`), 'utf8')), 'SIGKILL');
    expect(result).toMatchObject({
      proved: [],
      failures: [
        { error: { code: 'E_JOB_CUT_OFF', message: expect.stringContaining('still runs there') } },
      ],
    });
  });

  test('a mistake on one host does not give back its lock while its play runs', async () => {
    const held: boolean[] = [];
    const page = told();
    const slow: Resource = {
      ...page,
      converge: (
        from,
        to,
      ) => sh`sleep 2; [ -e ${host.at('runtime/lock')} ] && echo yes >${host.at('held')}
${page.converge(from, to)}`,
    };
    const broken: Resource = {
      ...note(host.at('etc/broken'), 'x'),
      converge: () => {
        throw new TypeError('a mistake in a kind');
      },
    };
    const playbook = {
      name: 'site',
      plays: [
        { name: 'slow', hosts: 'servers', resources: () => [slow] },
        { name: 'broken', hosts: 'servers', resources: () => [broken] },
      ],
    };
    const result = await host.apply(playbook);
    held.push(existsSync(host.at('held')));
    expect(result.failures).toMatchObject([{ host: 'a', error: { code: 'E_INTERNAL' } }]);
    expect(held).toEqual([true]);
  });

  test('what was made is noted, and what a failure came before is not, until a later run has made it', async () => {
    const unmade = async (): Promise<readonly string[]> => {
      const found = await host.survey();
      const [{ journal } = { journal: undefined }] = found.hosts;
      return journal?.entries.flatMap((entry) => (entry.unmade === true ? [entry.id] : [])) ?? [];
    };
    const [folder, made, page, key] = host.wanted();
    if (!folder || !made || !page || !key) throw new Error('nothing is wanted');
    const failing = { ...page, converge: () => sh`exit 1` };
    const broken = host.playbook([folder, made, failing, key]);
    expect((await host.apply(broken)).failures).toHaveLength(1);
    expect(await unmade()).toEqual([page.id, key.id]);
    expect(await host.apply()).toMatchObject({ failures: [] });
    expect(await unmade()).toEqual([]);
    writeFileSync(host.at('etc/made/file'), 'theirs');
    expect((await host.tearDown()).kept).toEqual([made.id, folder.id]);
  });

  test('what came with a step that a failure stopped behind is left to the undoing, and kept where it stays', async () => {
    const [folder, made] = host.wanted();
    if (!folder || !made) throw new Error('nothing is wanted');
    const brought = host.at('brought');
    const bringing = {
      ...folder,
      converge: () => sh`mkdir -m 750 ${host.at('etc/made')}; echo >${brought}`,
    };
    const late = file({ path: brought, content: 'wanted\n' });
    const failing = { ...late, converge: () => sh`exit 1` };
    expect((await host.apply(host.playbook([bringing, failing]))).failures).toHaveLength(1);
    // No undoing takes it along, so it is somebody's after all.
    const first = await host.tearDown();
    expect([first.kept, first.failures.map(({ error }) => error.code)]).toEqual([[], ['E_PROOF']]);
    expect(existsSync(host.at('etc/made'))).toBe(false);
    expect((await host.tearDown()).kept).toEqual([late.id]);
    expect(readFileSync(brought, 'utf8')).toBe('\n');
    rmSync(brought);
    expect(await host.tearDown()).toMatchObject({ failures: [], kept: [] });
    expect(existsSync(host.at('state'))).toBe(false);
  });

  test('a journal that has grown long is written anew, and says the same', async () => {
    await host.apply();
    const before = await host.survey();
    const run = { run: 'old', time: '2024-05-01T10:00:00.000Z' };
    const old = Array.from({ length: 400 }, () => [
      printJournalLine({ type: 'run', by: 'alice on laptop', ...run }),
      printJournalLine({ type: 'began', ids: ['gone'], ...run }),
    ]).flat();
    writeFileSync(host.journal, [...lines(), ...old, ''].join('\n'));
    const { failures } = await host.apply(host.playbook(host.wanted('another page')));
    expect(failures).toEqual([]);
    expect(lines().length).toBeLessThan(20);
    const after = await host.survey(host.playbook(host.wanted('another page')));
    expect(after.hosts[0]?.journal.entries.map(({ id, before: was }) => [id, was])).toEqual(
      before.hosts[0]?.journal.entries.map(({ id, before: was }) => [id, was]),
    );
    expect(await host.tearDown()).toMatchObject({ failures: [], kept: [] });
  });

  test('an entry of the journal that its kind can do nothing with is damaged; the others are undone', async () => {
    const before = host.tree();
    await host.apply();
    const run = { run: 'old', time: '2024-05-01T10:00:00.000Z' };
    const play = { name: 'make', after: [] };
    const forged = [
      'null',
      JSON.stringify({ type: 'first', id: 7 }),
      JSON.stringify({ type: 'made', id: 'x', spec: null, playbook: 'site', ...run }),
    ];
    const { createHash } = await import('node:crypto');
    const sealed = forged.map(
      (json) => `${createHash('sha256').update(json).digest('hex').slice(0, 32)} ${json}`,
    );
    const unusable = ['/etc/a', '/etc/b'].flatMap((file, i) => [
      printJournalLine({
        type: 'first',
        id: `file ${file}`,
        before: { kind: 'value', value: i === 0 ? 5 : { content: { text: 'rm -rf /' } } },
        play,
        ...run,
      }),
      printJournalLine({
        type: 'made',
        id: `file ${file}`,
        spec: { kind: 'file', args: i === 0 ? null : { path: file, content: ['x'] } },
        playbook: 'site',
        ...run,
      }),
    ]);
    writeFileSync(host.journal, [...lines(), ...sealed, ...unusable, ''].join('\n'));
    const result = await host.tearDown();
    expect(result).toMatchObject({ failures: [], proved: ['a'] });
    expect(host.notices).toMatch(/5 damaged lines/);
    expect(host.tree()).toBe(before);
  });

  test('a folder in the place of the journal is this host’s failure', async () => {
    rmSync(host.journal, { force: true });
    mkdirSync(path.join(host.journal, 'x'), { recursive: true });
    const { failures } = await host.survey();
    expect(failures).toMatchObject([{ host: 'a', error: { code: 'E_OBSERVE', step: 'journal' } }]);
  });
});
