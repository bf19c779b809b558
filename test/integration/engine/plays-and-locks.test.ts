import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { apply, type ApplyResult } from '../../../src/engine/apply/apply.ts';
import {
  closeSurvey,
  type EngineHost,
  survey,
  type Survey,
} from '../../../src/engine/apply/survey.ts';
import { type Playbook } from '../../../src/engine/model/play.ts';
import { trusted } from '../../../src/engine/model/shell/script.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { testContext } from '../../support/engine-context.ts';
import { leaveLock } from '../../support/lab/left-lock.ts';
import { StepLab } from '../../support/lab/step-lab.ts';
import { wrapConnection } from '../../support/ssh/wrapped-connection.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('several plays and several hosts', () => {
  let folder: string;
  let surveys: Survey[];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lvslab-plays-'));
    surveys = [];
  });

  afterEach(async () => {
    await Promise.all(surveys.map(closeSurvey));
    rmSync(folder, { recursive: true });
  });

  const labOf = (name: string): StepLab => new StepLab(path.join(folder, name));

  function hostOf(name: string): EngineHost<string> {
    const connect = () => Promise.resolve(openLocalConnection({ host: name }));
    return { ...labOf(name).host(connect), name };
  }

  async function applyTo(
    hosts: readonly EngineHost<string>[],
    playbook: Playbook<string>,
  ): Promise<ApplyResult> {
    const found = await survey(hosts, { playbook, orphans: 'adopt' }, testContext());
    surveys.push(found);
    return await apply({ survey: found, playbook }, {}, testContext());
  }

  test('the plays of one host go one after the other, in their order', async () => {
    const lab = labOf('a');
    const slow = lab.step('first', trusted('sleep 1'));
    const playOf = (name: string, resource: typeof slow) => ({
      name,
      hosts: 'a',
      resources: () => [resource],
    });
    const plays = [
      playOf('one', slow),
      // It would see nothing of the first one, if that were still sleeping.
      playOf('two', lab.step('second', trusted(`[ -e '${lab.at('first')}' ]`))),
    ];
    const result = await applyTo([hostOf('a')], { name: 'site', plays });
    expect(result).toMatchObject({ proved: ['a'], failures: [] });
    expect(lab.ran).toEqual(['first', 'second']);
  });

  test('what another host changes first may refuse one host, and the others are known as before', async () => {
    const following = {
      ...labOf('b').step('two'),
      afterChanges: <S>(found: S, changed: ReadonlySet<string>): S => {
        if (changed.has(labOf('a').step('one').id)) throw new TypeError('it can never follow that');
        return found;
      },
    };
    const playbook: Playbook<string> = {
      name: 'site',
      plays: [
        { name: 'first', hosts: 'a', resources: () => [labOf('a').step('one')] },
        { name: 'then', hosts: 'b', after: ['first'], resources: () => [following] },
      ],
    };
    const closed: string[] = [];
    const hosts = ['a', 'b'].map((name) => ({
      ...hostOf(name),
      connect: () => {
        const connection = openLocalConnection({ host: name });
        const close = async (): Promise<void> => {
          closed.push(name);
          await connection.close();
        };
        return Promise.resolve(wrapConnection(connection, { close }));
      },
    }));
    const found = await survey(hosts, { playbook, orphans: 'adopt' }, testContext());
    surveys.push(found);
    expect(found.hosts.map(({ name }) => name)).toEqual(['a']);
    expect(found.failures).toMatchObject([{ host: 'b', plays: ['then'] }]);
    expect(closed).toEqual(['b']);
  });

  test('where one host is locked by another controller, no other host stays locked or is changed', async () => {
    const labs = ['a', 'b', 'c'].map(labOf);
    const playbook = {
      name: 'site',
      plays: [
        {
          name: 'make',
          hosts: 'all',
          resources: (host: string) => [labOf(host).step('one')],
        },
      ],
    };
    const hosts = ['a', 'b', 'c'].map((name) => ({
      ...hostOf(name),
      context: () => name,
    }));
    leaveLock(labOf('b').at('runtime/lock'), process.pid);
    await expect(applyTo(hosts, playbook)).rejects.toMatchObject({ code: 'E_LOCKED', host: 'b' });
    expect(labs.map((lab) => existsSync(lab.at('runtime/lock')))).toEqual([false, true, false]);
    expect(labs.map((lab) => existsSync(lab.at('ran')))).toEqual([false, false, false]);
    rmSync(labOf('b').at('runtime'), { recursive: true });
    const { proved, failures } = await applyTo(hosts, playbook);
    expect([proved.toSorted(), failures]).toEqual([['a', 'b', 'c'], []]);
  });
});
