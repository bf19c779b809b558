import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { apply } from '../../../src/engine/apply/apply.ts';
import { closeSurvey, type EngineHost, survey } from '../../../src/engine/apply/survey.ts';
import { surveyTeardown } from '../../../src/engine/apply/teardown.ts';
import { type Connection } from '../../../src/engine/model/connection.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { lines, type Script, sh } from '../../../src/engine/model/shell/script.ts';
import { file } from '../../../src/index.ts';
import { openLocalConnection } from '../../../src/transport/local-connection.ts';
import { testContext } from '../../support/engine-context.ts';
import { LosableDisk, noLosableDisk } from '../../support/model/losable-disk.ts';

const OLD = 'as it was before\n';
const NEW = 'new\n';

/** A host whose state and whose only page lie below a folder. */
function hostBelow(folder: string, connect: () => Connection): EngineHost<string> {
  return {
    name: 'a',
    groups: [],
    readOnly: false,
    connect: () => Promise.resolve(connect()),
    facts: sh`echo a`,
    context: (facts) => facts.trim(),
    paths: {
      stateDir: `${folder}/state`,
      runtimeDir: `${folder}/runtime`,
      unitDir: `${folder}/units`,
    },
  };
}

/** Changes the page, all of it on the disk, and then something happens to the host. */
async function change(
  host: EngineHost<string>,
  page: string,
  happens: Script,
): Promise<readonly unknown[]> {
  const resource: Resource = file({ path: page, content: NEW });
  const eventful: Resource = {
    ...resource,
    converge: (from, to) => lines(resource.converge(from, to), sh`sync ${page}`, happens),
  };
  const playbook = {
    name: 'site',
    plays: [{ name: 'make', hosts: 'all', resources: () => [eventful] }],
  };
  const found = await survey([host], { playbook, orphans: 'adopt' }, testContext());
  const { failures } = await apply({ survey: found, playbook }, {}, testContext());
  await closeSurvey(found);
  return failures;
}

async function tearDown(host: EngineHost<string>): Promise<readonly unknown[]> {
  const options = { only: [], keepShared: false, overwrite: false, orphans: 'adopt' } as const;
  const { survey: found, playbook } = await surveyTeardown([host], options, testContext());
  const { failures } = await apply({ survey: found, playbook }, {}, testContext());
  await closeSurvey(found);
  return failures;
}

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('a host that falls back to what it was in the middle of its first change', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lvslab-before-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test('has noted down what was there before it changes anything', async () => {
    const page = path.join(folder, 'page');
    writeFileSync(page, OLD);
    const [state, kept] = [path.join(folder, 'state'), path.join(folder, 'kept')];
    const host = hostBelow(folder, () => openLocalConnection({ host: 'a' }));
    const keep = sh`if [ -e ${state} ]; then cp -a -- ${state} ${kept}; else mkdir ${kept}; fi`;
    expect(await change(host, page, keep)).toEqual([]);
    // All that the host knew then, and the page as it was made.
    rmSync(state, { recursive: true, force: true });
    cpSync(kept, state, { recursive: true });
    expect(readFileSync(page, 'utf8')).toBe(NEW);
    expect(await tearDown(host)).toEqual([]);
    expect(readFileSync(page, 'utf8')).toBe(OLD);
  });
});

(noLosableDisk === undefined ? describe : describe.skip)('a host that loses its power', () => {
  const disks: LosableDisk[] = [];

  afterEach(async () => {
    await Promise.all(disks.splice(0).map((disk) => disk.remove()));
  });

  test('right after its first change still knows what was there before', async () => {
    const disk = await LosableDisk.make();
    disks.push(disk);
    writeFileSync(disk.at('page'), OLD);
    // A folder that was there has nobody sync what lies in it.
    mkdirSync(disk.at('state'), { mode: 0o700 });
    disk.sync();
    const host = hostBelow(disk.root, () => disk.connect('a'));
    expect(await change(host, `${disk.root}/page`, disk.losePower)).toEqual([]);
    const cut = await disk.afterPowerLoss();
    disks.push(cut);
    expect(readFileSync(cut.at('page'), 'utf8')).toBe(NEW);
    // What lies in memory is gone.
    rmSync(cut.at('runtime'), { recursive: true });
    expect(await tearDown(hostBelow(cut.root, () => cut.connect('a')))).toEqual([]);
    expect(readFileSync(cut.at('page'), 'utf8')).toBe(OLD);
  });
});
