import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { ConnectError } from '../../../src/engine/model/failures/errors.ts';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { type RollbackPlan } from '../../../src/engine/model/rollback-plan.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { lines, sh } from '../../../src/engine/model/shell/script.ts';
import { file } from '../../../src/index.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { FolderHost } from '../../support/ssh/folder-host.ts';
import { wrapConnection } from '../../support/ssh/wrapped-connection.ts';

/** This machine, but that no second connection to it can be made. */
function cutOff(): Connection {
  const lost = new ConnectError('no route to the host', { host: 'a', step: 'connect' });
  return wrapConnection(openLocalConnection({ host: 'a' }), { again: () => Promise.reject(lost) });
}

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a step that may cut its host off, through the engine', () => {
  let host: FolderHost;
  let before = '';

  beforeEach(() => {
    host = new FolderHost();
    mkdirSync(host.at('units'));
    before = host.tree();
  });

  afterEach(async () => {
    await host.remove();
  });

  /** A file whose change is guarded, and rolled back by what was saved. */
  function guarded(parts: Partial<RollbackPlan> = {}): Resource {
    const page = host.at('etc/page');
    const plan: RollbackPlan = {
      save: sh`cp -a ${page} saved`,
      before: lines(),
      after: lines(),
      restorePersistent: sh`cp -a saved ${page}`,
      restoreRunning: sh`:`,
      ...parts,
    };
    const resource = file({ path: page, content: 'new page', mode: '0604' });
    return { ...resource, rollback: () => plan };
  }

  const leftovers = (): readonly string[] =>
    ['state', 'units', 'runtime'].flatMap((folder) =>
      existsSync(host.at(folder)) ? readdirSync(host.at(folder)) : [],
    );

  test('stays once a new connection has confirmed it', async () => {
    const events: EngineEvent[] = [];
    const playbook = host.playbook([guarded()]);
    const made = await host.apply(playbook, { emit: (event) => void events.push(event) });
    expect(made.failures).toEqual([]);
    expect(made.proved).toEqual(['a']);
    expect(readFileSync(host.at('etc/page'), 'utf8')).toBe('new page');
    expect(events).toContainEqual({
      type: 'step-confirming',
      host: 'a',
      play: 'make',
      step: `file ${host.at('etc/page')}`,
      seconds: 15,
    });
    expect(leftovers()).toEqual(['journal']);
  });

  test('is rolled back when no new connection can be made, which is why and what the error tells', async () => {
    host.open = cutOff;
    const { failures, changed } = await host.apply(host.playbook([guarded()]), {
      confirmSeconds: 3,
    });
    expect(failures).toMatchObject([
      {
        host: 'a',
        error: {
          code: 'E_ROLLED_BACK',
          step: `file ${host.at('etc/page')}`,
          cause: { code: 'E_CONNECT', message: 'no route to the host' },
        },
      },
    ]);
    expect(failures[0]?.error.message).toMatch(
      /^no new connection confirmed it within 3 s; .* is as it was before \(tried: .*\)$/s,
    );
    expect(changed.get('a') ?? []).toEqual([]);
    expect(host.tree()).toBe(before);
    expect(leftovers()).toEqual(['journal']);
  });

  test('is rolled back at once when the host itself sees that it is no good', async () => {
    const playbook = host.playbook([guarded({ after: sh`echo 'nobody answers' >&2; exit 1` })]);
    const { failures } = await host.apply(playbook);
    expect(failures[0]?.error).toMatchObject({ code: 'E_ROLLED_BACK' });
    expect(failures[0]?.error.message).toMatch(/^nobody answers; /);
    expect(host.tree()).toBe(before);
  });

  test('that takes too long is ended, and nothing of it goes on', async () => {
    const page = host.at('etc/page');
    const slow: Resource = {
      ...guarded(),
      converge: () => sh`printf new >${page}; sleep 5; printf late >${page}`,
    };
    const { failures } = await host.apply(host.playbook([slow]), { confirmSeconds: 3 });
    expect(failures).toMatchObject([{ host: 'a', error: { code: 'E_ROLLED_BACK' } }]);
    expect(failures[0]?.error.message).toMatch(/^the change took longer than 2 s; /);
    // Longer than all of the change would have taken.
    await sleep(4000);
    expect(host.tree()).toBe(before);
    expect(leftovers()).toEqual(['journal']);
  });

  test('is not called rolled back as before when something is left of it', async () => {
    const broken = guarded({ after: sh`exit 1`, restorePersistent: sh`:` });
    const { failures } = await host.apply(host.playbook([broken]));
    expect(failures[0]?.error.message).toContain('but not all is as it was before: content');
  });

  test.each([
    ['may be gone a moment later', 40, /rolls it back by itself: .* again in 5[0-9] s/],
    [
      'should have been gone long ago',
      -40,
      /should have .*Do so on the host, and then run the command again: `sh \/.*decide reverted`\.$/,
    ],
  ])('nothing is planned on what %s', async (_when, seconds, hint) => {
    mkdirSync(host.at('state/undecided.x-0-0'), { recursive: true });
    const end = Math.floor(Date.now() / 1000) + seconds;
    writeFileSync(host.at('state/undecided.x-0-0/until'), `${end}\n`);
    const { failures } = await host.survey();
    expect(failures).toMatchObject([{ host: 'a', error: { code: 'E_LOCKED' } }]);
    expect(failures[0]?.error.hint).toMatch(hint);
  });

  test('what was left of one when the power went goes with the next run, whatever that changes', async () => {
    for (const name of ['preparing.x-0-0', 'decided.y-0-1']) {
      mkdirSync(host.at(`state/${name}`), { recursive: true });
      writeFileSync(host.at(`state/${name}/decide`), '{ cut off');
    }
    const { failures } = await host.apply();
    expect(failures).toEqual([]);
    expect(leftovers()).toEqual(['journal']);
  });
});
