import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { openDownloads } from '../../../src/downloads/fetch-tarball.ts';
import { openSharedBuilds } from '../../../src/downloads/shared-builds.ts';
import { nginxBuild } from '../../../src/index.ts';
import { type NginxBuild } from '../../../src/resources/nginx/nginx-build.ts';
import { type SharedBuilds } from '../../../src/resources/nginx/shared-builds.ts';
import { convergeFor, driftFor, makeFor, type Stage } from '../../support/run-resource.ts';
import { tinyNginx } from '../../support/tiny-nginx.ts';

const { signal } = new AbortController();

let folder = '';
let builds: SharedBuilds;
let release: { readonly tarball: string; readonly sha256: string };
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lvslab-shared-'));
  mkdirSync(path.join(folder, 'kept'));
  mkdirSync(path.join(folder, 'local'));
  builds = openSharedBuilds(path.join(folder, 'kept'), {
    onRefused: (_, why) => {
      throw new Error(why);
    },
  });
  release = tinyNginx(folder, { version: '1.22.1' });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A host of its own: where its uploads and its sources are. Its nginx is where everybody's is. */
function hostStage(host: string): Stage {
  const root = path.join(folder, host);
  mkdirSync(root, { recursive: true });
  return {
    paths: {
      '/run/lvslab/uploads': path.join(root, 'uploads'),
      '/usr/local/src/lvslab': path.join(root, 'src'),
      '/etc/os-release': path.join(root, 'os-release'),
    },
  };
}

function make(host: string): NginxBuild {
  writeFileSync(path.join(folder, host, 'os-release'), 'ID=debian\n');
  return nginxBuild({
    ...{ version: '1.22.1', url: 'http://127.0.0.1:9/', ...release, user: 'nginx' },
    prefix: path.join(folder, 'local/nginx'),
    configureArguments: [],
    downloads: openDownloads(folder),
    sharing: { builds, host, system: 'debian 12 x86_64' },
  });
}

/** Leaves the place to the next host. */
function leave(host: string): void {
  renameSync(path.join(folder, 'local/nginx'), path.join(folder, host, 'nginx'));
}

/** What the engine does before a play. */
async function upload(build: NginxBuild, stage: Stage): Promise<readonly string[]> {
  const sent: string[] = [];
  for (const { source, path: to } of build.uploads ?? []) {
    const file = await source({ signal });
    const there = to.replace('/run/lvslab/uploads', stage.paths?.['/run/lvslab/uploads'] ?? '');
    mkdirSync(path.dirname(there), { recursive: true });
    if (file === undefined) continue;
    copyFileSync(file, there);
    sent.push(path.extname(to));
  }
  return sent;
}

/** What the engine does after it. */
async function deliver(build: NginxBuild, stage: Stage): Promise<void> {
  const { product } = build;
  if (product?.isAwaited() !== true) return;
  let script = product.script.text;
  for (const [real, instead] of Object.entries(stage.paths ?? {})) {
    script = script.replaceAll(real, instead);
  }
  await product.deliver(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
}

async function buildOn(host: string): Promise<string> {
  const stage = hostStage(host);
  const build = make(host);
  await upload(build, stage);
  const log = makeFor(build, stage);
  await deliver(build, stage);
  expect(driftFor(build, stage)).toEqual([]);
  expect(readdirSync(path.join(folder, 'local'))).toEqual(['nginx']);
  leave(host);
  expect(readdirSync(path.join(folder, host)).toSorted()).toEqual(['nginx', 'os-release']);
  return log;
}

/** Modes, names and contents, the stamp's included. */
function treeOf(host: string): readonly string[] {
  const root = path.join(folder, host, 'nginx');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const file = path.join(root, name);
      const stats = statSync(file);
      return `${stats.mode.toString(8)} ${name} ${stats.isFile() ? readFileSync(file, 'utf8') : ''}`;
    });
}

describe('nginx that is built once', () => {
  test('is the same on the next host, which compiles nothing, and nothing else is left on either', async () => {
    expect(await buildOn('rs1')).toContain('progress 4 4');
    const log = await buildOn('rs2');
    expect(log).not.toContain('progress');
    expect(log).toContain("nginx: taken from rs1's build");
    expect(treeOf('rs2')).toEqual(treeOf('rs1'));
  });

  test('is kept for the next run', async () => {
    await buildOn('rs1');
    builds = openSharedBuilds(path.join(folder, 'kept'), { onRefused: () => undefined });
    expect(await buildOn('rs9')).not.toContain('progress');
  });

  test('the plan says whose it is', async () => {
    const stage = hostStage('rs2');
    const compiled = (to: string) => ({ field: 'compiled', to });
    expect(driftFor(make('rs2'), stage)).toContainEqual(
      compiled('once for all real servers that are alike'),
    );
    await buildOn('rs1');
    expect(driftFor(make('rs2'), stage)).toContainEqual(
      compiled("taken from rs1's build where this host is alike"),
    );
  });

  test.each<[string, string, boolean]>([
    ['of another release', 'echo ID=ubuntu >rs2/os-release', true],
    ['to which half of it came', 'truncate -s -9 rs2/uploads/*.tree', true],
    ['to which no sum came', 'rm rs2/uploads/*.sum', true],
    ['with the sum of something else', `echo ${'0'.repeat(64)} rs1 | tee rs2/uploads/*.sum`, true],
    ['with no sum at all', ': | tee rs2/uploads/*.sum', true],
    ['where something was left over', 'mkdir -p local/nginx.lvslab-new/tree/x', false],
  ])('a host %s ends up whole', async (_, spoil, compiles) => {
    await buildOn('rs1');
    const stage = hostStage('rs2');
    const build = make('rs2');
    expect(await upload(build, stage)).toEqual(['.gz', '.tree', '.sum']);
    execFileSync('sh', ['-ec', spoil], { cwd: folder });
    expect(makeFor(build, stage).includes('progress 4 4')).toBe(compiles);
    expect(driftFor(build, stage)).toEqual([]);
    expect(readdirSync(path.join(folder, 'local'))).toEqual(['nginx']);
    expect(readdirSync(path.join(folder, 'rs2'))).toEqual(['os-release']);
  });

  test.each<[string, string]>([
    ['another binary than it says', 'echo "exit 0" >>tree/sbin/nginx'],
    [
      'a binary that says something else',
      "echo 'exit 0' >tree/sbin/nginx; (cd tree && sha256sum sbin/nginx) >hashes",
    ],
    ['no binary', 'rm -r tree/sbin; : >hashes'],
    ['another stamp', 'echo version 1.0.0 >tree/.lvslab-build'],
    ['a kind of its own making', 'echo yours >kind'],
    ['a folder where the host writes', 'mkdir kind.here'],
    ['nothing of a tree', 'rm -r tree'],
  ])('a tree with %s is not taken', async (_, change) => {
    await buildOn('rs1');
    const stage = hostStage('rs2');
    const build = make('rs2');
    await upload(build, stage);
    const repack = `
      tree=$(ls *.tree) sum=$(ls *.sum); mkdir x; tar -xzf "$tree" -C x; cd x; ${change}; cd ..
      tar -czf "$tree" -C x .; rm -r x
      echo "$(sha256sum <"$tree" | cut -d ' ' -f 1) rs1" >"$sum"
    `;
    execFileSync('sh', ['-ec', repack], { cwd: path.join(folder, 'rs2/uploads') });
    expect(makeFor(build, stage)).toContain('progress 4 4');
    expect(driftFor(build, stage)).toEqual([]);
    expect(readdirSync(path.join(folder, 'local'))).toEqual(['nginx']);
  });

  test('what others have put into an nginx goes to nobody', async () => {
    const stage = hostStage('rs1');
    mkdirSync(path.join(folder, 'local/nginx'));
    writeFileSync(path.join(folder, 'local/nginx/.lvslab-build'), '');
    writeFileSync(path.join(folder, 'local/nginx/secret'), 'x');
    const build = make('rs1');
    await upload(build, stage);
    makeFor(build, stage);
    await deliver(build, stage);
    expect(readdirSync(path.join(folder, 'kept'))).toEqual(['wanted']);
  });

  test('undoing takes away all that may be left of it', async () => {
    await buildOn('rs1');
    const stage = hostStage('rs2');
    const build = make('rs2');
    await upload(build, stage);
    mkdirSync(path.join(folder, 'local/nginx.lvslab-new'));
    convergeFor(build, { kind: 'absent' }, stage);
    expect(readdirSync(path.join(folder, 'local'))).toEqual([]);
    expect(readdirSync(path.join(folder, 'rs2/uploads'))).toEqual([expect.stringMatching(/gz$/)]);
  });
});
