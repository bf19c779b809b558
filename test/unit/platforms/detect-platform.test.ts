import { describe, expect, test } from '@jest/globals';

import { detectPlatform } from '../../../src/platforms/detect-platform.ts';
import { type Facts } from '../../../src/platforms/facts/facts.ts';
import {
  debianFacts,
  el7Facts,
  rocky9Facts,
  ubuntuFacts,
} from '../../support/samples/sample-facts.ts';

const debian13 = { ...debianFacts, osVersion: '13', osName: 'Debian GNU/Linux 13 (trixie)' };
const ubuntu26 = { ...ubuntuFacts, osVersion: '26.04' };
const el8 = { ...rocky9Facts, osVersion: '8.10', platformId: 'platform:el8' };
const el10 = { ...rocky9Facts, osVersion: '10.1', platformId: 'platform:el10' };
const openEuler = { ...rocky9Facts, osId: 'openEuler', osVersion: '24.03', platformId: '' };

test('a host without systemd is refused', () => {
  expect(() => detectPlatform({ ...debianFacts, systemd: false })).toThrow(
    expect.objectContaining({ code: 'E_PLATFORM', message: expect.stringContaining('systemd') }),
  );
});

test('a refusal names all systems that lvslab knows', () => {
  expect(() => detectPlatform({ ...debianFacts, osId: 'gentoo' })).toThrow(
    expect.objectContaining({
      hint: expect.stringMatching(
        /^Use a host with one of: CentOS 7.*Rocky.*Debian 11 or newer\.$/,
      ),
    }),
  );
});

describe('what building nginx needs', () => {
  const needed = (facts: Facts, version: string): readonly string[] =>
    detectPlatform(facts).packages.toBuildNginx(facts, version);

  test.each([
    ['CentOS 7', el7Facts, 'pcre-devel', 'pcre-devel'],
    ['release 8', el8, 'pcre-devel', 'pcre-devel'],
    ['release 9', rocky9Facts, 'pcre-devel', 'pcre-devel'],
    ['openEuler', openEuler, 'pcre-devel', 'pcre2-devel'],
    ['Debian 12', debianFacts, 'libpcre3-dev', 'libpcre3-dev'],
    ['Ubuntu 24.04', ubuntuFacts, 'libpcre3-dev', 'libpcre3-dev'],
  ])('on %s is PCRE for old and new nginx', (_, facts, old, newer) => {
    expect(needed(facts, '1.16.1')).toContain(old);
    expect(needed(facts, '1.21.5')).toContain(newer);
  });

  test.each([
    ['Debian 13', debian13, 'libpcre2-dev'],
    ['Ubuntu 26.04', ubuntu26, 'libpcre2-dev'],
    ['release 10', el10, 'pcre2-devel'],
  ])('on %s is PCRE2, and an old nginx can not be had', (_, facts, newer) => {
    expect(needed(facts, '1.22.1')).toContain(newer);
    expect(() => needed(facts, '1.21.4')).toThrow(
      expect.objectContaining({ code: 'E_MISSING_ON_HOST' }),
    );
  });

  test('is zlib under the name that its package has', () => {
    expect(needed(rocky9Facts, '1.22.1')).toContain('zlib-devel');
    expect(needed(el10, '1.22.1')).toContain('zlib-ng-compat-devel');
    expect(needed(el10, '1.22.1')).not.toContain('zlib-devel');
  });
});

test.each([
  ['the archive of CentOS 7', el7Facts, 'yum', '7.5.1804'],
  [
    'the archive of CentOS 8',
    { ...el8, osId: 'centos', osVersion: '8', release: '8.5.2111' },
    'yum',
    '8.5.2111',
  ],
  ['what the host itself names, on release 8', el8, 'dnf', undefined],
  ['what the host itself names, on release 9', rocky9Facts, 'dnf', undefined],
  [
    'what the host itself names, on CentOS Stream 9',
    { ...rocky9Facts, osId: 'centos', osVersion: '9' },
    'dnf',
    undefined,
  ],
  ['what the host itself names, on Debian', debianFacts, 'apt', undefined],
  ['what the host itself names, on Ubuntu', ubuntuFacts, 'apt', undefined],
])('packages come from %s', (_, facts, manager, release) => {
  const { packages, repositories } = detectPlatform(facts);
  expect(packages.manager.name).toBe(manager);
  const settings = { vaultUrl: 'http://vault.example' };
  expect(repositories.missing(facts, settings)).toEqual(
    release === undefined ? [] : [{ release, architecture: 'x86_64', ...settings }],
  );
});

test.each([
  ['CentOS 7', el7Facts, 'file'],
  ['release 8', el8, 'file'],
  ['release 9', rocky9Facts, 'kernel argument'],
  ['release 10', el10, 'kernel argument'],
  ['openEuler 22.03', { ...openEuler, osVersion: '22.03' }, 'file'],
  ['openEuler 24.03', openEuler, 'kernel argument'],
  ['Debian', debianFacts, undefined],
])('SELinux of %s is turned off as it really is', (_, facts, by) => {
  expect(detectPlatform(facts).selinux).toBe(by);
});
