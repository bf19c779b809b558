import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { type Past, type Target } from '../../../src/engine/model/resource.ts';
import { packagesBy, type PackageSetState } from '../../../src/resources/packages/package-set.ts';
import { AptRoot } from '../../support/apt-root.ts';
import { makeFor, observeFor, undoFor } from '../../support/run-resource.ts';

const hasApt = spawnSync('apt-get', ['--version']).status === 0 && process.getuid?.() === 0;

(hasApt ? describe : describe.skip)('packages, through the real apt and dpkg', () => {
  const packages = [
    { name: 'lv-compiler', depends: 'lv-linker, lv-library' },
    { name: 'lv-linker' },
    { name: 'lv-library' },
    { name: 'lv-make' },
    { name: 'lv-plus', depends: 'lv-compiler' },
    { name: 'lv-viewer', depends: 'lv-library' },
    { name: 'lv-there' },
  ];
  const set = packagesBy({ packageManager: 'apt', names: ['lv-compiler', 'lv-make'] });
  let apt: AptRoot;

  beforeEach(() => {
    apt = new AptRoot(packages);
    apt.run('apt-get', '-y', 'install', 'lv-there');
  });

  afterEach(() => {
    apt.remove();
  });

  /** Installs the set, as an apply does, and tells its past. */
  function install(): Past<PackageSetState> {
    const before = observeFor(set, apt.stage);
    makeFor(set, apt.stage);
    const after = observeFor(set, apt.stage);
    expect(set.diff(after, set.aim(after))).toEqual([]);
    return {
      before,
      specs: [],
      outcomes: [set.undo?.outcome?.(before, after)],
      interrupted: false,
    };
  }

  /** Takes it back, as a teardown does; tells what stays. */
  function takeBack(past: Past<PackageSetState>): Readonly<Record<string, string>> {
    return Object.fromEntries(undoFor(set, past, apt.stage));
  }

  test('what came with the set goes with it, and nothing else', () => {
    const past = install();
    apt.run('apt-get', '-y', 'install', 'lv-viewer');
    apt.run('apt-get', '-y', 'remove', 'lv-viewer');
    expect(past.outcomes).toEqual([
      { 'lv-compiler': '1', 'lv-library': '1', 'lv-linker': '1', 'lv-make': '1' },
    ]);
    expect(takeBack(past)).toEqual({});
    expect(apt.installed()).toEqual(['lv-there']);
  });

  test('what others need stays and is told with one of them; the rest goes', () => {
    const past = install();
    apt.run('apt-get', '-y', 'install', 'lv-viewer');
    expect(takeBack(past)).toEqual({ 'lv-library': 'needed by lv-viewer' });
    expect(apt.installed()).toEqual(['lv-library', 'lv-there', 'lv-viewer']);
    apt.run('apt-get', '-y', 'purge', 'lv-viewer');
    expect(takeBack(past)).toEqual({});
    expect(apt.installed()).toEqual(['lv-there']);
  });

  test('so does what is needed by something that stays', () => {
    const past = install();
    apt.run('apt-get', '-y', 'install', 'lv-plus');
    expect(takeBack(past)).toEqual({
      'lv-compiler': 'needed by lv-plus',
      'lv-library': 'needed by lv-compiler',
      'lv-linker': 'needed by lv-compiler',
    });
    expect(apt.installed()).toEqual([
      'lv-compiler',
      'lv-library',
      'lv-linker',
      'lv-plus',
      'lv-there',
    ]);
  });

  test('a package that somebody has brought to another version stays', () => {
    const past = install();
    apt.offer(packages.map((known) => ({ ...known, version: '2' })));
    apt.run('apt-get', '-y', 'install', 'lv-make');
    expect(takeBack(past)).toEqual({ 'lv-make': 'another version than lvslab installed' });
    expect(apt.installed()).toEqual(['lv-make', 'lv-there']);
  });

  test('what was marked as there for the sake of others is so again', () => {
    apt.run('apt-get', '-y', 'install', 'lv-plus');
    const before = observeFor(set, apt.stage);
    apt.run('apt-get', '-y', 'purge', 'lv-plus', 'lv-compiler');
    const past = { ...install(), before };
    expect(apt.run('apt-mark', 'showmanual').split('\n')).toContain('lv-compiler');
    takeBack(past);
    expect(apt.installed()).not.toContain('lv-make');
    expect(apt.run('apt-mark', 'showauto').split('\n')).toContain('lv-compiler');
  });

  describe('an installation that was cut short', () => {
    let before: Target<PackageSetState>;

    beforeEach(() => {
      before = observeFor(set, apt.stage);
      const files = ['compiler', 'linker', 'make'].map((name) =>
        apt.at(`repository/lv-${name}_1.deb`),
      );
      apt.run('dpkg', '--unpack', ...files);
      // What dpkg leaves when it is killed.
      writeFileSync(apt.at('var/lib/dpkg/updates/0001'), '');
    });

    test('is finished when it was ours', () => {
      const past = { before, specs: [], outcomes: [], interrupted: true };
      makeFor(set, apt.stage, past);
      expect(apt.installed()).toEqual([
        'lv-compiler',
        'lv-library',
        'lv-linker',
        'lv-make',
        'lv-there',
      ]);
    });

    test('is undone when it was ours', () => {
      takeBack({ before, specs: [], outcomes: [], interrupted: true });
      expect(apt.run('dpkg-query', '-W', '-f', '${Package}\n').trim()).toBe('lv-there');
    });

    test('is left alone when it was somebody else’s, and what to do is told', () => {
      expect(() => makeFor(set, apt.stage)).toThrow('dpkg --configure -a');
    });
  });
});
