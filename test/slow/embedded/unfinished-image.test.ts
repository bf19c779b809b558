import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unmountBelow } from '../../../src/embedded/images/build-image.ts';
import { removeTree } from '../../../src/embedded/machine/programs.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('the folder of an unfinished image', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lvslab image '));
  });

  afterEach(() => {
    execFileSync('sh', ['-c', unmountBelow(folder).text]);
    rmSync(folder, { recursive: true });
  });

  test('what a killed build left mounted does not stop the next one', async () => {
    // A digit behind what proc(5) prints in octal.
    const cache = path.join(folder, ' 7');
    const half = path.join(cache, '.half-made-debian');
    const beside = path.join(cache, '.half-made-debian-nm');
    for (const place of [path.join(half, 'root/dev'), path.join(half, 'root/dev/shm'), beside]) {
      mkdirSync(place, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', 'none', place]);
      if (place.endsWith('/dev')) mkdirSync(path.join(place, 'shm'));
    }
    await expect(removeTree(half)).rejects.toThrow();
    execFileSync('sh', ['-c', unmountBelow(half).text]);
    await removeTree(half);
    expect(existsSync(half)).toBe(false);
    // A folder whose name only begins so is another one's.
    expect(readFileSync('/proc/self/mounts', 'utf8')).toContain('.half-made-debian-nm');
  });
});
