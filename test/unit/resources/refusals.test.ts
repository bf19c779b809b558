import { describe, expect, test } from '@jest/globals';

import { ipvsModule, networkInterface, yumRepository } from '../../../src/index.ts';
import { debianFacts, el7Facts } from '../../support/samples/sample-facts.ts';
import { debian, el7 } from '../../support/samples/sample-platforms.ts';

const settings = { device: 'ens38', address: '192.168.4.133', prefix: 24, dns: [] };

describe('a host that lacks something is told so, with what it has', () => {
  test('no such NIC', () => {
    expect(() => networkInterface({ platform: el7, facts: el7Facts }, settings)).toThrow(
      expect.objectContaining({
        code: 'E_MISSING_ON_HOST',
        message:
          'there is no NIC ens38; found: ens33 (00:0c:29:53:71:a2, 192.168.2.130/24); ens37 (00:0c:29:53:71:ac, 192.168.2.128/24)',
      }),
    );
  });

  test('no ifupdown on Debian', () => {
    const facts = { ...debianFacts, tools: new Set(['ip']) };
    const nic = { ...settings, device: 'ens37' };
    expect(() => networkInterface({ platform: debian, facts }, nic)).toThrow(
      expect.objectContaining({ code: 'E_MISSING_ON_HOST' }),
    );
  });

  test('no IPVS in the kernel', () => {
    expect(() => ipvsModule({ ...debianFacts, ipvs: 'missing' })).toThrow(
      expect.objectContaining({
        code: 'E_MISSING_ON_HOST',
        message: expect.stringContaining('6.1.0-18-amd64'),
      }),
    );
  });

  test.each([
    ['3.10.0-862.el7.x86_64', undefined, 'mh'],
    ['3.10.0-862.el7.x86_64', ['ip_vs_rr', 'ip_vs_wrr', 'ip_vs_ftp'], 'mh'],
    ['6.1.0-18-amd64', ['ip_vs_rr', 'ip_vs_mh'], 'twos'],
    ['4.4.0', undefined, 'twos'],
  ])('a scheduler that the kernel %s with %j has not: %s', (kernel, modules, scheduler) => {
    const facts = {
      ipvs: 'loadable' as const,
      kernel,
      ...(modules !== undefined && { ipvsModules: new Set(modules) }),
    };
    expect(() => ipvsModule(facts, [{ scheduler }])).toThrow(
      expect.objectContaining({
        code: 'E_MISSING_ON_HOST',
        message: expect.stringMatching(
          new RegExp(`kernel ${kernel} has no scheduler ${scheduler} .*; it has: rr,`),
        ),
      }),
    );
  });

  test.each([
    ['3.10.0-862.el7.x86_64', undefined, 'wrr'],
    ['6.1.0-18-amd64', undefined, 'twos'],
    ['an unknown one', undefined, 'mh'],
    ['3.10.0-862.el7.x86_64', ['ip_vs_mh'], 'mh'],
  ])('the kernel %s with %j may have %s', (kernel, modules, scheduler) => {
    const facts = {
      ipvs: 'loaded' as const,
      kernel,
      ...(modules !== undefined && { ipvsModules: new Set(modules) }),
    };
    expect(ipvsModule(facts, [{ scheduler }]).id).toBe('kernel module ip_vs');
  });

  test('no point release to find packages for', () => {
    expect(() => yumRepository({ ...el7Facts, release: '' }, 'http://vault.example')).toThrow(
      expect.objectContaining({ code: 'E_MISSING_ON_HOST' }),
    );
  });
});

test('other processors have their archive elsewhere', () => {
  const repository = yumRepository(
    { ...el7Facts, architecture: 'aarch64' },
    'http://vault.example',
  );
  const wanted = repository.aim({ kind: 'absent' });
  expect(JSON.stringify(wanted)).toContain('baseurl=http://vault.example/altarch/7.5.1804/os/');
});
