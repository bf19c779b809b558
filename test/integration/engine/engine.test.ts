import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply, type ApplyResult } from '../../../src/engine/apply/apply.ts';
import { type EngineEvent } from '../../../src/engine/model/events.ts';
import { countSteps } from '../../../src/engine/model/plan.ts';
import { type Playbook } from '../../../src/engine/model/play.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { sh, trusted } from '../../../src/engine/model/shell/script.ts';
import {
  closeSurvey,
  type EngineHost,
  survey,
  type Survey,
} from '../../../src/engine/apply/survey.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { testContext } from '../../support/engine-context.ts';
import { note } from '../../support/note.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('the engine, on this machine through a real sh', () => {
  let folder: string;
  let events: EngineEvent[];
  let interruption: AbortController;
  let surveys: Survey[];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lvslab-engine-'));
    events = [];
    interruption = new AbortController();
    surveys = [];
  });

  afterEach(async () => {
    await Promise.all(surveys.map(closeSurvey));
    rmSync(folder, { recursive: true });
  });

  const context = () => testContext({ events, signal: interruption.signal });

  function host(name: string, readOnly = false): EngineHost<string> {
    return {
      name,
      groups: ['servers'],
      readOnly,
      connect: async () => openLocalConnection({ host: name }),
      facts: sh`echo ${name}`,
      context: (facts) => facts.trim(),
      paths: {
        stateDir: at(`${name}/state`),
        runtimeDir: at(`${name}/runtime`),
        unitDir: at(`${name}/units`),
      },
    };
  }

  async function surveyHosts(hosts: readonly EngineHost<string>[], playbook: Playbook<string>) {
    const surveyed = await survey(hosts, { playbook, orphans: 'adopt' }, context());
    surveys.push(surveyed);
    return surveyed;
  }

  async function applyTo(
    hosts: readonly EngineHost<string>[],
    playbook: Playbook<string>,
  ): Promise<ApplyResult> {
    return await apply({ survey: await surveyHosts(hosts, playbook), playbook }, {}, context());
  }

  const at = (name: string): string => path.join(folder, name);

  function notes(make: (name: string) => readonly Resource[]): Playbook<string> {
    return { name: 'notes', plays: [{ name: 'write', hosts: 'servers', resources: make }] };
  }

  test('changes what differs, proves it, and then has nothing to do in two sessions', async () => {
    const playbook = notes((name) => [
      note(at(`${name}-0`), '0'),
      note(at(`${name}-x`), "it's $HOME"),
    ]);
    const result = await applyTo([host('a'), host('b')], playbook);
    expect(result.failures).toEqual([]);
    expect(result.proved).toEqual(['a', 'b']);
    expect(readFileSync(at('a-x'), 'utf8')).toBe("it's $HOME\n");

    const again = await surveyHosts([host('a')], playbook);
    expect(again.hosts.map(({ plan }) => countSteps(plan))).toEqual([0]);
    expect(again.hosts.map(({ session }) => session.connection.sessions)).toEqual([2]);
  });

  test('a step that fails stops its host and what depends on it, and shows its last words', async () => {
    const playbook: Playbook<string> = {
      name: 'two plays',
      plays: [
        {
          name: 'first',
          hosts: 'servers',
          resources: (name) => [
            note(
              at(`${name}-1`),
              '1',
              name === 'a' ? trusted('echo "no such luck"; false') : undefined,
            ),
            note(at(`${name}-2`), '2'),
          ],
        },
        {
          name: 'second',
          hosts: 'b',
          after: ['first'],
          resources: (name) => [note(at(`${name}-3`), '3')],
        },
      ],
    };
    const result = await applyTo([host('a'), host('b')], playbook);
    expect(result.failures.map((failure) => failure.host)).toEqual(['a']);
    expect(result.failures[0]?.error.message).toContain('no such luck');
    expect(result.failures[0]?.error.step).toBe('note a-1');
    expect(existsSync(at('a-2'))).toBe(false);
    expect(existsSync(at('b-2'))).toBe(true);
    expect(result.skipped).toEqual([{ host: 'b', play: 'second', reason: "'first' failed on a" }]);
    expect(existsSync(at('b-3'))).toBe(false);
  });

  test('a host that can only be read keeps its state, and blocks what depends on it until it is right', async () => {
    const playbook: Playbook<string> = {
      name: 'gate',
      plays: [
        { name: 'gate', hosts: 'a', resources: () => [note(at('gate'), 'open')] },
        { name: 'pass', hosts: 'b', after: ['gate'], resources: () => [note(at('passed'), 'yes')] },
      ],
    };
    const blocked = await applyTo([host('a', true), host('b')], playbook);
    expect(blocked.skipped.map(({ play }) => play)).toEqual(['pass']);
    expect(existsSync(at('gate'))).toBe(false);

    writeFileSync(at('gate'), 'open\n');
    expect((await applyTo([host('a', true), host('b')], playbook)).proved).toEqual(['b']);
  });

  test('an interruption finishes the step that is running and begins no other', async () => {
    const playbook = notes(() => [
      note(at('slow'), 'done', trusted('sleep 1')),
      note(at('never'), 'done'),
    ]);
    const surveyed = await surveyHosts([host('a')], playbook);
    const running = apply({ survey: surveyed, playbook }, {}, context());
    while (!events.some(({ type }) => type === 'step-started')) await sleep(20);
    interruption.abort();
    const result = await running;
    expect(result.failures.map(({ error }) => error.code)).toEqual(['E_CANCELLED']);
    expect(existsSync(at('slow'))).toBe(true);
    expect(existsSync(at('never'))).toBe(false);
  });

  test('a change that does not hold is not called applied', async () => {
    const stubborn: Resource = {
      ...note(at('x'), 'wanted'),
      converge: () => sh`echo other >${at('x')}`,
    };
    const result = await applyTo(
      [host('a')],
      notes(() => [stubborn]),
    );
    expect(result.proved).toEqual([]);
    expect(result.failures.map(({ error }) => error.code)).toEqual(['E_PROOF']);
  });

  test('leaves no run behind on the host', async () => {
    await applyTo(
      [host('a')],
      notes(() => [note(at('one'), '1')]),
    );
    expect(existsSync(at('a/runtime'))).toBe(false);
  });

  test('progress of a long step is told while it goes on', async () => {
    await applyTo(
      [host('a')],
      notes(() => [note(at('one'), '1', trusted('lvslab_progress 1 2; lvslab_progress 2 2'))]),
    );
    expect(events.filter(({ type }) => type === 'step-progress')).toMatchObject([
      { step: 'note one', done: 1, total: 2 },
      { step: 'note one', done: 2, total: 2 },
    ]);
  });

  test("a mistake in a person's playbook is told with its place, and stops nobody else", async () => {
    const result = await applyTo(
      [host('a'), host('b')],
      notes((name) => {
        if (name === 'a') throw new TypeError('no such thing');
        return [note(at('written'), 'b')];
      }),
    );
    expect(result.failures.map(({ host: name, error }) => [name, error.code])).toEqual([
      ['a', 'E_PLAYBOOK'],
    ]);
    expect(result.failures[0]?.error.message).toMatch(
      /no such thing\n.*engine\.test\.ts:\d+:\n[^]*> \d+ \|.*throw new TypeError/,
    );
    expect(result.proved).toEqual(['b']);
  });

  test('a state that cannot be read stops the host before anything is changed', async () => {
    const unreadable: Resource = {
      ...note(at('x'), 'x'),
      observe: trusted('echo why >&2; exit 3'),
    };
    const result = await applyTo(
      [host('a')],
      notes(() => [note(at('one'), '1'), unreadable]),
    );
    expect(result.failures[0]?.error.message).toContain('why');
    expect(existsSync(at('one'))).toBe(false);
  });
});
