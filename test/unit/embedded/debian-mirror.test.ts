import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';

import { debianSources, parseMirrors } from '../../../src/embedded/images/debian-mirror.ts';

const cache = mkdtempSync(path.join(tmpdir(), 'lvslab-mirror-'));
afterAll(() => {
  rmSync(cache, { recursive: true });
});

test('a mirror that was asked for comes before all others, verified by the keyring', async () => {
  const [source, ...others] = await debianSources('trixie', {
    cache,
    mirror: 'http://mirror.example/debian/',
  });
  expect(source).toMatch(
    /^\[signed-by=\/.*debian-archive-keyring\.gpg\] http:\/\/mirror\.example\/debian trixie main$/,
  );
  expect(others).toEqual([]);
});

test.each([
  '',
  'mirror.example/debian',
  'http://mirror.example/debian [trusted=yes]',
  'http://mirror.example/debian sid main #',
  'http://mirror.example/\ndeb',
  'http://[trusted=yes]',
  'ftp://mirror.example/debian',
  'copy:/etc',
])('%j can be no mirror', async (mirror) => {
  await expect(debianSources('trixie', { cache, mirror })).rejects.toMatchObject({
    code: 'E_USAGE',
  });
});

test('the packaged list names mirrors', () => {
  const list = readFileSync('templates/embedded/debian/mirrors', 'utf8');
  expect(parseMirrors(list)).toContain('http://ftp.debian.org/debian');
});

const hasGpg = spawnSync('gpg', ['--version']).status === 0;
const whereGpgIs = hasGpg ? describe : describe.skip;

whereGpgIs('the packaged keyring', () => {
  test('has the keys whose fingerprints docs/commands.md has', () => {
    const file = 'templates/embedded/debian/archive-keyring.gpg';
    const words = ['--homedir', cache, '--show-keys', '--with-colons', file];
    const { stdout } = spawnSync('gpg', words, { encoding: 'utf8' });
    const primary = [...stdout.matchAll(/^pub:.*\n(?:rvk:.*\n)*fpr:+([0-9A-F]{40}):/gm)].map(
      ([, key]) => key,
    );
    const page = readFileSync('docs/commands.md', 'utf8');
    const documented = [...page.matchAll(/^- `([0-9A-F]{40})` /gm)].map(([, key]) => key);
    expect(primary.length).toBeGreaterThan(5);
    expect(documented).toEqual(primary);
  });
});
