import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { openSharedBuilds } from '../../../src/downloads/shared-builds.ts';
import { type SharedBuilds } from '../../../src/resources/nginx/shared-builds.ts';

const GROUP = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

let folder = '';
let refused: string[] = [];
const { signal } = new AbortController();

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lvslab-shared-'));
  refused = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function open(): SharedBuilds {
  return openSharedBuilds(folder, { onRefused: (host, why) => refused.push(`${host}: ${why}`) });
}

/** What a host prints of a tree. */
function printed(...options: readonly string[]): string {
  const tree = mkdtempSync(path.join(tmpdir(), 'lvslab-tree-'));
  mkdirSync(path.join(tree, 'tree'));
  writeFileSync(path.join(tree, 'tree/nginx'), 'nginx', { mode: 0o755 });
  const tar = execFileSync('tar', ['-czf', '-', ...options, '-C', tree, '.']);
  rmSync(tree, { recursive: true });
  return tar.toString('base64');
}

const GOOD = printed('--mode=u=rwX,go=rX');

describe('in one run', () => {
  test('the first builds, the others get what it has made', async () => {
    const builds = open();
    expect(await builds.find(GROUP, 'rs1', { signal })).toBeUndefined();
    expect(builds.isAwaited(GROUP, 'rs1')).toBe(true);
    expect(readFileSync((await builds.askFor(GROUP, 'rs1')) ?? '', 'utf8')).toBe('');
    expect(await builds.askFor(GROUP, 'rs2')).toBeUndefined();
    const others = ['rs2', 'rs3'].map((host) => builds.find(GROUP, host, { signal }));
    await builds.deliver(GROUP, 'rs1', GOOD);
    expect(builds.isAwaited(GROUP, 'rs1')).toBe(false);
    for (const found of await Promise.all(others)) {
      expect(readFileSync(found?.archive ?? '')).toEqual(Buffer.from(GOOD, 'base64'));
      expect(readFileSync(found?.sum ?? '', 'utf8')).toMatch(/^[\da-f]{64} rs1\n$/);
    }
    expect(await builds.find(GROUP, 'rs1', { signal })).toBeUndefined();
  });

  test('hosts of different groups don’t wait for each other', async () => {
    const builds = open();
    expect(await builds.find(GROUP, 'rs1', { signal })).toBeUndefined();
    expect(await builds.find(OTHER, 'rs2', { signal })).toBeUndefined();
    expect(builds.isAwaited(OTHER, 'rs1')).toBe(false);
  });

  test.each([
    ['has failed', undefined, []],
    ['has nothing to give', '', []],
    ['sends garbage', 'no archive', [/^rs1: it can't be unpacked/]],
    ['sends what all may write', printed('--mode=0777'), [/^rs1: .* has the mode/]],
  ])('all others build where the first %s', async (_, sent, expected) => {
    const builds = open();
    await builds.find(GROUP, 'rs1', { signal });
    const others = ['rs2', 'rs3'].map((host) => builds.find(GROUP, host, { signal }));
    await builds.deliver(GROUP, 'rs1', sent);
    expect(await Promise.all(others)).toEqual([undefined, undefined]);
    expect(readdirSync(folder)).toEqual([]);
    expect(refused).toEqual(expected.map((one) => expect.stringMatching(one)));
  });

  test('a request to stop ends the waiting', async () => {
    const builds = open();
    await builds.find(GROUP, 'rs1', { signal });
    const stop = new AbortController();
    const waiting = builds.find(GROUP, 'rs2', { signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'E_CANCELLED' });
  });

  test('nobody delivers for another', async () => {
    const builds = open();
    await builds.find(GROUP, 'rs1', { signal });
    await builds.deliver(GROUP, 'rs2', GOOD);
    expect(builds.isAwaited(GROUP, 'rs1')).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('for the next run', () => {
  beforeEach(async () => {
    const builds = open();
    await builds.find(GROUP, 'rs1', { signal });
    await builds.deliver(GROUP, 'rs1', GOOD);
  });

  test('it is kept, with whose it is', async () => {
    const builds = open();
    expect(builds.keptFrom(GROUP)).toBe('rs1');
    expect(builds.keptFrom(OTHER)).toBeUndefined();
    expect(await builds.find(GROUP, 'rs1', { signal })).toBeDefined();
    expect(builds.isAwaited(GROUP, 'rs1')).toBe(false);
  });

  test.each([
    ['the archive', '.tar.gz'],
    ['its sum', '.sum'],
  ])('unless %s has changed since', async (_, ending) => {
    const name = readdirSync(folder).find((file) => file.endsWith(ending)) ?? '';
    writeFileSync(path.join(folder, name), 'something else');
    expect(await open().find(GROUP, 'rs1', { signal })).toBeUndefined();
  });
});
