import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { printImmutable, stepFailure } from '../../../src/engine/host/step-failure.ts';
import { value } from '../../../src/engine/model/resource.ts';
import { file } from '../../../src/index.ts';

const canMark = ((): boolean => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-immutable-'));
  try {
    const marked = spawnSync('chattr', ['+i', folder]);
    spawnSync('chattr', ['-i', folder]);
    return marked.status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
})();

/** What not even root may change, on a real file system. */
(canMark ? describe : describe.skip)('a file that is marked', () => {
  let folder = '';

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lvslab-immutable-'));
    mkdirSync(path.join(folder, 'sub'));
    for (const name of ['plain', "it's a b", 'sub/other']) {
      writeFileSync(path.join(folder, name), 'old\n');
    }
    symlinkSync('sub/other', path.join(folder, 'link'));
  });

  afterEach(() => {
    spawnSync('chattr', ['-R', '-i', '-a', folder]);
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['plain', 'plain', 'i', 'immutable'],
    ["it's a b", "it's a b", 'i', 'immutable'],
    ['plain', 'plain', 'a', 'append-only'],
    ['link', 'sub/other', 'i', 'immutable'],
    ['sub/new', 'sub', 'i', 'immutable'],
    ['sub/other', 'sub', 'a', 'append-only'],
  ])('the error of writing %j names %j, which has the mark %s', (name, marked, letter, mark) => {
    const target = path.join(folder, marked);
    expect(spawnSync('chattr', [`+${letter}`, target]).status).toBe(0);
    const resource = file({ path: path.join(folder, name), content: 'new\n' });
    const before = value({ content: 'old\n', mode: '0644', owner: 'root', group: 'root' });
    const script = resource.converge(before, resource.aim(before)).text;
    const run = spawnSync('sh', ['-c', `(set -eu\n${script}\n) >log 2>&1 </dev/null`], {
      cwd: folder,
    });
    expect(run.status).not.toBe(0);
    const { stdout } = spawnSync('sh', ['-c', `${printImmutable.text}\ncat log`], {
      cwd: folder,
      encoding: 'utf8',
    });
    const error = stepFailure({ host: 'rs1', step: 'file', exitCode: 1, output: stdout });
    expect(error.message).toContain(`${target} is marked as ${mark}`);
    expect(error.hint).toContain(`chattr -${letter} `);
  });
});
