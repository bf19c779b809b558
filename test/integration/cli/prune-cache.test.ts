import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { debianRecipe } from '../../../src/embedded/images/recipes/debian.ts';
import { imageName } from '../../../src/embedded/images/build-image.ts';
import { pruneCache } from '../../../src/embedded/images/prune-cache.ts';
import { diskName } from '../../../src/embedded/hosts/virtual-machine.ts';
import { kernelName } from '../../../src/embedded/images/vm-kernel.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lvslab-cache-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('what no recipe makes and no lab stands on goes; all else stays', async () => {
  const cache = path.join(folder, 'cache');
  const labs = path.join(folder, 'labs');
  const image = imageName(debianRecipe);
  const stay = [
    kernelName(),
    `images/${image}`,
    `disks/${diskName(image, kernelName())}`,
    'images/.half-made-debian',
    'images/debian-0000000000000001',
    'kernel-0000000000000001',
    'nginx',
    'debs',
    'locks',
  ];
  const go = ['disks/x-kernel-0000000000000001', 'images/el7-2', 'kernel-2'];
  for (const name of [...stay, ...go]) mkdirSync(path.join(cache, name), { recursive: true });
  for (const [host, used] of [
    ['rs1', 'images/debian-0000000000000001'],
    ['director', 'kernel-0000000000000001/vmlinux'],
  ] as const) {
    mkdirSync(path.join(labs, 'lvother/hosts', host), { recursive: true });
    const program = `nspawn lowerdir=${path.join(cache, used)},upperdir=x`;
    writeFileSync(path.join(labs, 'lvother/hosts', host, 'run'), program);
  }
  mkdirSync(path.join(labs, 'lvempty'));

  const pruned = await pruneCache({ cache, labs });
  expect(pruned.map(({ name }) => name).toSorted()).toEqual(go.toSorted());
  expect(go.filter((name) => existsSync(path.join(cache, name)))).toEqual([]);
  expect(stay.filter((name) => !existsSync(path.join(cache, name)))).toEqual([]);
  expect(await pruneCache({ cache, labs })).toEqual([]);
});
