import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

import { parseFacts } from '../../../src/platforms/facts/parse-facts.ts';

const recorded = readFileSync('test/cases/facts/el7.txt', 'utf8');

describe('the facts of a CentOS 7 host', () => {
  const facts = parseFacts(recorded);

  test('tell what it is', () => {
    expect(facts).toMatchObject({
      osId: 'centos',
      osVersion: '7',
      osName: 'CentOS Linux 7 (Core)',
      release: '7.5.1804',
      hostname: 'test3',
      ipvs: 'loadable',
      epochSeconds: 1_700_000_000,
      systemd: true,
      selinux: true,
      defaultRoutes: ['default via 192.168.2.2 dev ens33 proto static metric 100'],
    });
  });

  test('tell its NICs, without the loopback and without the peer of a veth', () => {
    expect(facts.interfaces).toEqual([
      {
        device: 'ens33',
        mac: '00:0c:29:53:71:a2',
        up: true,
        addresses: ['192.168.2.130/24', '10.0.0.7/8'],
      },
      { device: 'ens37', mac: '00:0c:29:53:71:ac', up: false, addresses: [] },
      { device: 'veth0', mac: '00:0c:29:53:71:ad', up: true, addresses: [] },
    ]);
  });

  test('tell how it reaches the machine that asks', () => {
    const controller = { address: '10.0.5.9', gateway: '192.168.2.2', device: 'ens33' };
    expect(facts.controller).toEqual(controller);
    const own = '10.0.5.9 via 192.168.2.2 dev ens33';
    const withRoute = (route: string) =>
      parseFacts(recorded.replace(/(?= default via .*\nipvs)/, () => ` ${route}\n`)).controller;
    expect(withRoute(own)).toEqual(controller);
    expect(withRoute('10.0.0.0/8 via 192.168.2.2 dev ens33')).toBeUndefined();
    const beside = recorded.replace(/ 10.0.5.9 via.*/, ' 10.0.5.9 dev ens33 src 10.0.0.7 ');
    expect(parseFacts(beside).controller).toBeUndefined();
  });

  test('keep a full disk apart from an unknown one', () => {
    expect(facts.freeDiskKiB).toEqual(
      new Map([
        ['/', 16_000_000],
        ['/usr/local', 16_000_000],
        ['/tmp', 0],
      ]),
    );
  });
});

test('an answer that lacks a fact is no answer', () => {
  expect(() => parseFacts('sh: 1: awk: not found\n')).toThrow(
    expect.objectContaining({ code: 'E_OBSERVE', step: 'facts' }),
  );
});

test('what a host says can not pass for another fact', () => {
  const forged = recorded.replace(/^ test3$/m, ' test3\n kernel\n  6.6.6');
  expect(parseFacts(forged)).toMatchObject({ kernel: '3.10.0-862.el7.x86_64' });
});
