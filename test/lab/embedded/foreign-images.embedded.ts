import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { inventoryFile } from '../../../src/cli/session/inventory-file.ts';
import { labCgroup, labNamed } from '../../../src/embedded/embedded-lab.ts';
import { provideImage } from '../../../src/embedded/images/build-image.ts';
import { debianSources } from '../../../src/embedded/images/debian-mirror.ts';
import { suite } from '../../../src/embedded/images/recipes/image-recipe.ts';
import { recipeOf } from '../../../src/embedded/images/recipes/recipes.ts';
import { makeCgroup } from '../../../src/embedded/machine/cgroups.ts';
import { leftoversOf } from '../../support/lab/lab-leftovers.ts';
import { type LocalRegistry, openLocalRegistry } from '../../support/local-registry.ts';
import { expectExit, lvslab, type ProgramRun } from '../../support/lvslab.ts';

jest.setTimeout(900_000);

const lab = labNamed('lvimg');
const up = (...words: readonly string[]): Promise<ProgramRun> =>
  lvslab('lab', 'up', '-n', lab.name, ...words);
const onHost = (host: string, command: string): Promise<ProgramRun> =>
  lvslab('lab', 'ssh', '-n', lab.name, host, command);

/** The root of one of lvslab's own flavours, which stands for somebody else's image. */
async function builtRoot(): Promise<string> {
  await makeCgroup(labCgroup(lab, 'work'));
  const tell = { progress: () => undefined, note: () => undefined };
  const { cache } = lab.paths;
  const sources = () => debianSources(suite, { cache });
  return await provideImage(recipeOf('debian'), {
    ...{ cache, sources, tell },
    cgroup: labCgroup(lab, 'work'),
  });
}

describe('a lab of an image out of a registry', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-images-'));
  const layout = path.join(folder, 'layout');
  let registry: LocalRegistry;
  let reference: string;

  beforeAll(async () => {
    const root = await builtRoot();
    const umoci = (...words: readonly string[]): unknown =>
      execFileSync('umoci', words, { stdio: 'ignore' });
    umoci('init', '--layout', layout);
    umoci('new', '--image', `${layout}:12`);
    umoci('insert', '--image', `${layout}:12`, root, '/');
    registry = await openLocalRegistry(folder);
    reference = `docker://${registry.address}/lab/debian:12`;
    const copy = ['copy', '--quiet', '--dest-tls-verify=false', `oci:${layout}:12`, reference];
    execFileSync('skopeo', copy, { stdio: 'ignore' });
    expectExit(await up('--image', reference), 0);
  });

  afterAll(async () => {
    await lvslab('lab', 'down', '-n', lab.name);
    await registry.close();
    rmSync(folder, { recursive: true });
  });

  test('has hosts that run what the image holds', async () => {
    const { stdout } = await onHost('rs1', 'cat /etc/os-release; systemctl is-system-running');
    expect(stdout).toContain('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"');
    expect(stdout).toContain('\nrunning');
  });

  test('does nothing more at the second up, and refuses another image', async () => {
    expectExit(await up('--image', reference), 0);
    expectExit(await up(), 0);
    const other = await up('--image', `oci:${layout}:12`);
    expectExit(other, 1);
    expect(other.stderr).toContain(`is up with the image ${reference}`);
  });

  test('is provisioned, proved, rebooted, proved again, and taken back', async () => {
    const inventory = inventoryFile(lab.name);
    const run = async (...words: readonly string[]): Promise<ProgramRun> => {
      const [command = '', ...others] = words;
      const ended = await lvslab(command, '-i', inventory, ...others);
      expectExit(ended, 0);
      return ended;
    };
    await run('apply', '--yes');
    expect((await run('plan')).stdout).toContain('No changes.');
    await run('verify');
    for (const host of ['director', 'rs1', 'rs2']) await onHost(host, 'systemctl reboot');
    expectExit(await up(), 0);
    await run('verify');
    await run('teardown', '--yes');
    const left = await onHost('rs1', 'ls -d /usr/local/nginx; ip route show default');
    expect(left.stdout).toBe('default via 192.168.2.1 dev ens37 onlink \n');
  });

  test('leaves nothing behind but the image in the cache', async () => {
    expectExit(await lvslab('lab', 'down', '-n', lab.name), 0);
    expect(await leftoversOf(lab.name)).toEqual([]);
  });
});

test('an image that is not there is told with the reference, before anything is made', async () => {
  const ended = await up('--image', 'docker://127.0.0.1:9/nobody/nothing:1');
  expectExit(ended, 1);
  expect(ended.stderr).toContain('docker://127.0.0.1:9/nobody/nothing:1');
  expect(ended.stderr).toContain('skopeo inspect');
  expectExit(await lvslab('lab', 'down', '-n', lab.name), 0);
});
