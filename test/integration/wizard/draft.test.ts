import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { keepDraft, readDraft, removeDraft } from '../../../src/cli/init/draft-file.ts';
import { CancelledError } from '../../../src/engine/model/failures/errors.ts';
import { askAtTerminal } from '../../../src/wizard/ask.ts';
import { type Draft } from '../../../src/wizard/inventory/draft.ts';
import { type Prompt } from '../../../src/wizard/questions/question.ts';
import { lvslab } from '../../support/lvslab.ts';

const draft: Draft = { version: 1, keptAt: 1, given: {}, said: { vip: '10.0.0.1' }, offers: {} };

let state = '';
let before: string | undefined;
const folder = (): string => path.join(state, 'lvslab');
const file = (): string => path.join(folder(), 'init-draft.json');

beforeEach(async () => {
  before = process.env['XDG_STATE_HOME'];
  state = await mkdtemp(path.join(tmpdir(), 'lvslab-draft-'));
  process.env['XDG_STATE_HOME'] = state;
});
afterEach(async () => {
  if (before === undefined) delete process.env['XDG_STATE_HOME'];
  else process.env['XDG_STATE_HOME'] = before;
  await rm(state, { recursive: true });
});

describe('the draft', () => {
  test('is kept for its user alone, whole, and removed', async () => {
    expect(await readDraft()).toBeUndefined();
    expect(await keepDraft(draft)).toBeUndefined();
    expect(await keepDraft({ ...draft, keptAt: 2 })).toBeUndefined();
    expect(await readDraft()).toEqual({ ...draft, keptAt: 2 });
    expect((await lstat(folder())).mode & 0o777).toBe(0o700);
    expect((await lstat(file())).mode & 0o777).toBe(0o600);
    expect(await readdir(folder())).toEqual(['init-draft.json']);
    await removeDraft();
    expect(await readdir(folder())).toEqual([]);
  });

  test.each<[string, () => Promise<void>]>([
    ['others can write to', async () => chmod(file(), 0o666)],
    ['lies where others can write', async () => chmod(folder(), 0o777)],
    ['is damaged', async () => writeFile(file(), '{"version":1')],
    [
      'is a link',
      async () => {
        await rm(file());
        await writeFile(path.join(state, 'theirs'), JSON.stringify(draft), { mode: 0o600 });
        await symlink(path.join(state, 'theirs'), file());
      },
    ],
    [
      'is no file',
      async () => {
        await rm(file());
        await mkdir(file());
      },
    ],
  ])('that %s is not read', async (_, spoil) => {
    await keepDraft(draft);
    await spoil();
    expect(await readDraft()).toBeUndefined();
  });

  test('that can’t be written is no failure, and says why', async () => {
    await writeFile(folder(), 'in the way');
    expect(await keepDraft(draft)).toMatch(/EEXIST|ENOTDIR|others/);
  });
});

describe('a question at the terminal', () => {
  const prompt: Prompt = { kind: 'input', message: 'What' };

  test('that is broken off is left', async () => {
    const asked = askAtTerminal(prompt, () => undefined, AbortSignal.abort());
    await expect(asked).rejects.toBeInstanceOf(CancelledError);
  });

  test('that fails for another reason is no leaving', async () => {
    const broken = Object.defineProperty({ ...prompt }, 'message', {
      value: () => {
        throw new TypeError('no message');
      },
    });
    const asked = askAtTerminal(broken, () => undefined, new AbortController().signal);
    await expect(asked).rejects.toThrow(TypeError);
  });
});

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('for root', () => {
  test('a draft in a folder of somebody else is neither read nor written', async () => {
    await keepDraft(draft);
    await chown(folder(), 65534, 65534);
    expect(await readDraft()).toBeUndefined();
    expect(await keepDraft(draft)).toContain(folder());
    await removeDraft();
    expect(await readdir(folder())).toEqual(['init-draft.json']);
  });

  test('the inventory of an embedded lab that is not up is refused, with the command that helps', async () => {
    const named = await lvslab('init', '--embedded', '-n', 'lvnone', path.join(state, 'lab.yml'));
    expect(named.exitCode).toBe(1);
    expect(named.stderr).toContain('there is no embedded lab lvnone');
    expect(named.stderr).toContain('lab up -n lvnone`');
    expect(await readdir(state)).toEqual([]);
  });
});

test('the name of an embedded lab without --embedded is refused', async () => {
  const { exitCode, stderr } = await lvslab('init', '-n', 'lvnone', path.join(state, 'lab.yml'));
  expect([exitCode, await readdir(state)]).toEqual([1, []]);
  expect(stderr).toContain('init --embedded -n lvnone`');
});
