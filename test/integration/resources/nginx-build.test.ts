import { openDownloads } from '../../../src/downloads/fetch-tarball.ts';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

import { nginxBuild } from '../../../src/index.ts';
import { type NginxBuild } from '../../../src/resources/nginx/nginx-build.ts';
import {
  convergeFor,
  driftFor,
  makeFor,
  observeFor,
  type Stage,
} from '../../support/run-resource.ts';
import { tinyNginx } from '../../support/tiny-nginx.ts';

let folder = '';
let stage: Stage = {};
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lvslab-build-'));
  mkdirSync(path.join(folder, 'uploads'));
  stage = {
    paths: {
      '/run/lvslab/uploads': path.join(folder, 'uploads'),
      '/usr/local/src/lvslab': path.join(folder, 'src'),
    },
  };
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Wanted {
  readonly version?: string;
  readonly configureArguments?: readonly string[];
}

function make({ version = '1.22.1', configureArguments = [] }: Wanted = {}): NginxBuild {
  const { tarball, sha256 } = tinyNginx(mkdtempSync(path.join(folder, 'release-')), { version });
  const build = nginxBuild({
    version,
    sha256,
    url: 'http://127.0.0.1:9/',
    tarball,
    prefix: path.join(folder, 'nginx'),
    user: 'nginx',
    configureArguments,
    downloads: openDownloads(folder),
  });
  const name = path.basename(build.uploads?.[0]?.path ?? '');
  // The build before took the folder with it.
  mkdirSync(path.join(folder, 'uploads'), { recursive: true });
  copyFileSync(tarball, path.join(folder, 'uploads', name));
  return build;
}

function expectConverged(build: NginxBuild): void {
  expect(driftFor(build, stage)).toEqual([]);
}

test('is built, leaves no sources, counts the compiler, and goes again', () => {
  const build = make({ configureArguments: ['--with-x=a b'] });
  expect(observeFor(build, stage)).toEqual({ kind: 'absent' });
  const log = makeFor(build, stage);
  expectConverged(build);
  expect(log.match(/^progress .*/gm)).toEqual([1, 2, 3, 4].map((done) => `progress ${done} 4`));
  expect(existsSync(path.join(folder, 'src'))).toBe(false);
  convergeFor(build, { kind: 'absent' }, stage);
  expect(existsSync(path.join(folder, 'nginx'))).toBe(false);
});

test('another version, other arguments and a changed binary are all built anew', () => {
  const old = make();
  makeFor(old, stage);
  const newer = make({ version: '1.24.0' });
  makeFor(newer, stage);
  expectConverged(newer);
  const other = make({ version: '1.24.0', configureArguments: ['--with-http_ssl_module'] });
  expect(driftFor(other, stage)).not.toEqual([]);
  makeFor(other, stage);
  expectConverged(other);
  writeFileSync(other.path, `${readFileSync(other.path, 'utf8')}#`);
  expect(driftFor(other, stage)).toContainEqual(expect.objectContaining({ field: 'binary' }));
});

test('a run that was cut short is finished by the next', () => {
  const build = make();
  mkdirSync(path.join(folder, 'nginx'));
  writeFileSync(path.join(folder, 'nginx/.lvslab-build'), '');
  mkdirSync(path.join(folder, 'src/nginx-1.22.1'), { recursive: true });
  writeFileSync(path.join(folder, 'src/nginx-1.22.1/Makefile'), 'broken');
  makeFor(build, stage);
  expectConverged(build);
  expect(readdirSync(folder)).not.toContain('nginx.before-lvslab');
});

test('somebody else’s nginx is put aside and comes back', () => {
  const build = make();
  const theirs = path.join(folder, 'nginx/sbin/nginx');
  mkdirSync(path.dirname(theirs), { recursive: true });
  writeFileSync(theirs, '#!/bin/sh\necho nginx version: nginx/1.12.2 >&2\n', { mode: 0o755 });
  const before = observeFor(build, stage);
  expect(before).toEqual({ kind: 'value', value: { version: '1.12.2' } });
  makeFor(build, stage);
  expectConverged(build);
  convergeFor(build, before, stage);
  expect(observeFor(build, stage)).toEqual(before);
  expect(readFileSync(theirs, 'utf8')).toContain('1.12.2');
});

test('a tarball that changed on its way is not unpacked', () => {
  const build = make();
  const [name = ''] = readdirSync(path.join(folder, 'uploads'));
  execFileSync('truncate', ['-s', '-1', path.join(folder, 'uploads', name)]);
  expect(() => makeFor(build, stage)).toThrow('FAILED');
  expect(existsSync(path.join(folder, 'src'))).toBe(false);
});

test('another tarball than the one that was meant is not built, however sound it is', () => {
  const build = make();
  const [name = ''] = readdirSync(path.join(folder, 'uploads'));
  const other = tinyNginx(mkdtempSync(path.join(folder, 'release-')), { version: '1.24.0' });
  copyFileSync(other.tarball, path.join(folder, 'uploads', name));
  expect(() => makeFor(build, stage)).toThrow('FAILED');
  expect(existsSync(path.join(folder, 'nginx'))).toBe(false);
});

test('a failed step ends the build with its own words, and leaves no sources', () => {
  const unconfigurable = make({ configureArguments: ['--fail'] });
  expect(() => makeFor(unconfigurable, stage)).toThrow('told to');
  const broken: Stage = {
    paths: { ...stage.paths, 'make -j"$(nproc)"': 'make -j2 CC=x no-such-target' },
  };
  const build = make();
  expect(() => makeFor(build, broken)).toThrow('No rule to make target');
  expect(existsSync(path.join(folder, 'src'))).toBe(false);
  expect(existsSync(path.join(folder, 'nginx'))).toBe(false);
});
