import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { apply } from '../../../src/engine/apply/apply.ts';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { lines, quote, sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { file } from '../../../src/index.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { FolderHost } from '../../support/ssh/folder-host.ts';
import { leaveLock } from '../../support/lab/left-lock.ts';
import { wrapConnection } from '../../support/ssh/wrapped-connection.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('the lock of a host, through a real sh', () => {
  let host: FolderHost;
  let children: ChildProcess[];
  const at = (name: string): string => host.at(name);

  beforeEach(() => {
    host = new FolderHost();
    children = [];
  });

  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await host.remove();
  });

  function bystander(...args: readonly string[]): ChildProcess {
    const child = spawn(args[0] ?? '', args.slice(1), { cwd: host.root });
    children.push(child);
    return child;
  }

  async function deadProcess(): Promise<number> {
    const child = bystander('true');
    await once(child, 'exit');
    return child.pid ?? 0;
  }

  test('stops a second controller at once, and names the first', async () => {
    const before = host.tree();
    leaveLock(at('runtime/lock'), process.pid);
    await expect(host.apply()).rejects.toMatchObject({
      code: 'E_LOCKED',
      host: 'a',
      message: expect.stringContaining(
        'alice on laptop, since 2024-05-01T10:00:00.000Z (invocation r1)',
      ),
    });
    expect(host.tree()).toBe(before);
    expect(existsSync(at('runtime/lock/holder'))).toBe(true);
  });

  test('is held while a run goes on, and by one of two at the same moment', async () => {
    const slow = host.playbook([
      {
        ...file({ path: at('etc/slow'), content: 'x' }),
        converge: () => sh`sleep 1; echo -n x >${at('etc/slow')}`,
      },
    ]);
    const found = [await host.survey(slow), await host.survey(slow)];
    const ends = await Promise.allSettled(
      found.map((early) => apply({ survey: early, playbook: slow }, {}, host.context())),
    );
    expect(ends.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const [refused] = ends.flatMap((end): unknown[] =>
      end.status === 'rejected' ? [end.reason] : [],
    );
    expect(refused).toMatchObject({
      code: 'E_LOCKED',
      message: expect.stringContaining('tester on here'),
    });
    expect(existsSync(at('runtime'))).toBe(false);
  });

  test('is waited for, and then the plan has to be a new one', async () => {
    const keeper = bystander('sleep', '600');
    leaveLock(at('runtime/lock'), keeper.pid ?? 0);
    // It goes on until somebody waits for it.
    const emit = (event: EngineEvent): void => {
      if (event.type === 'notice' && event.text.includes('waiting for alice'))
        keeper.kill('SIGKILL');
    };
    const waiting = host.apply(host.playbook(), { lockWaitMs: 60_000, emit });
    await expect(waiting).rejects.toMatchObject({ code: 'E_STALE_PLAN' });
    expect((await host.apply()).failures).toEqual([]);
  });

  test('of another boot is dead, whatever process has its number now', async () => {
    leaveLock(at('runtime/lock'), process.pid, { of: '00000000-0000-0000-0000-000000000000' });
    expect((await host.apply()).failures).toEqual([]);
    expect(host.notices).toMatch(/took over .* alice on laptop/);
  });

  test('goes back to whoever took it over in the moment between looking and taking', async () => {
    leaveLock(at('runtime/lock'), await deadProcess());
    leaveLock(at('runtime/faster'), process.pid, { owner: 'bob' });
    // The dead lock makes way for one that lives, right before it would be taken away.
    const race = trusted(`mv() {
  if [ "$*" = "-T -- $lock $mine.dead" ] && [ -e ${quote(at('runtime/faster'))} ]; then
    rm -r "$lock"; command mv -T ${quote(at('runtime/faster'))} "$lock"
  fi
  command mv "$@"
}`);
    host.open = () => {
      const local = openLocalConnection({ host: 'a' });
      return wrapConnection(local, {
        run: (script, options) => local.run(lines(race, script), options),
      });
    };
    const before = host.tree();
    await expect(host.apply()).rejects.toMatchObject({
      code: 'E_LOCKED',
      message: expect.stringContaining('bob on laptop'),
    });
    expect(existsSync(at('runtime/faster'))).toBe(false);
    expect(readFileSync(at('runtime/lock/holder'), 'utf8')).toContain('owner=bob');
    expect(readdirSync(at('runtime'))).toEqual(['lock']);
    expect(host.tree()).toBe(before);
  });

  test('whose connection is gone is dead, but not while its run goes on', async () => {
    leaveLock(at('runtime/lock'), await deadProcess());
    const run = at('runtime/runs/r1');
    mkdirSync(run, { recursive: true });
    const child = spawn('sleep', ['60'], { cwd: run });
    children.push(child);
    writeFileSync(path.join(run, 'pid'), `${child.pid}\n`);
    await expect(host.apply()).rejects.toMatchObject({ code: 'E_LOCKED' });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await host.apply()).failures).toEqual([]);
    expect(host.notices).toContain('took over');
  });
});
