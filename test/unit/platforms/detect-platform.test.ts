import { describe, expect, test } from '@jest/globals';

import { debian } from '../../../src/platforms/debian.ts';
import { el7 } from '../../../src/platforms/el7.ts';
import { detectPlatform } from '../../../src/platforms/detect-platform.ts';
import { debianFacts, el7Facts } from '../../support/sample-facts.ts';

test('CentOS 7 and Debian are told apart', () => {
  expect(detectPlatform(el7Facts).name).toBe('el7');
  expect(detectPlatform(debianFacts).name).toBe('debian');
});

test.each([
  ['Ubuntu', { ...debianFacts, osId: 'ubuntu', osVersion: '24.04' }, 'ID=ubuntu'],
  ['CentOS Stream 9', { ...el7Facts, osVersion: '9' }, 'VERSION_ID=9'],
  ['Debian 10', { ...debianFacts, osVersion: '10' }, 'VERSION_ID=10'],
  ['Debian testing', { ...debianFacts, osVersion: '' }, 'VERSION_ID='],
  ['no systemd', { ...debianFacts, systemd: false }, 'systemd'],
])('%s is refused with what was found', (_, facts, found) => {
  expect(() => detectPlatform(facts)).toThrow(
    expect.objectContaining({ code: 'E_PLATFORM', message: expect.stringContaining(found) }),
  );
});

describe('what Debian needs to build nginx', () => {
  const debian13 = { ...debianFacts, osVersion: '13', osName: 'Debian GNU/Linux 13 (trixie)' };

  test('is PCRE1 up to Debian 12, PCRE2 from 13 on', () => {
    expect(debian.packages.toBuildNginx(debianFacts, '1.16.1')).toContain('libpcre3-dev');
    expect(debian.packages.toBuildNginx(debian13, '1.22.1')).toContain('libpcre2-dev');
  });

  test('can not be had for an old nginx on Debian 13', () => {
    expect(() => debian.packages.toBuildNginx(debian13, '1.16.1')).toThrow(
      expect.objectContaining({ code: 'E_MISSING_ON_HOST' }),
    );
  });
});

test.each([
  ['centos', '7', true],
  ['centos', '8', false],
  ['centos', '9', false],
  ['rhel', '7.9', false],
  ['ol', '7.9', false],
  ['rocky', '8.10', false],
])('%s %s needs the archive of CentOS 7: %s', (osId, osVersion, needsVault) => {
  const settings = { vaultUrl: 'http://vault.example' };
  expect(el7.repositories.missing({ ...el7Facts, osId, osVersion }, settings)).toEqual(
    needsVault ? [{ release: '7.5.1804', architecture: 'x86_64', ...settings }] : [],
  );
  expect(debian.repositories.missing({ ...debianFacts, osId, osVersion }, settings)).toEqual([]);
});
