import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { networkInterface, sysctl } from '../../../src/index.ts';
import { type Resource } from '../../../src/engine/model/resource.ts';
import { type InterfaceState } from '../../../src/resources/network/interface/interface-state.ts';
import { hostRoute } from '../../../src/resources/network/host-route.ts';
import {
  driftFor,
  makeFor,
  observeFor,
  type Stage,
  undoFor,
  undoTo,
} from '../../support/run-resource.ts';
import { el7Facts } from '../../support/samples/sample-facts.ts';
import { el7 } from '../../support/samples/sample-platforms.ts';

const settings = {
  device: 'ens37',
  address: '192.168.2.128',
  prefix: 24,
  gateway: '192.168.2.130',
  dns: ['8.8.8.8'],
};

let namespace = '';
let folder = '';
let stage: Stage = {};

function ip(...words: readonly string[]): string {
  return execFileSync('ip', ['-n', namespace, ...words], { encoding: 'utf8' });
}

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'lvslab-net-'));
  namespace = path.basename(folder);
  execFileSync('ip', ['netns', 'add', namespace]);
  ip('link', 'add', 'ens37', 'type', 'veth', 'peer', 'name', 'cable');
  ip('link', 'set', 'cable', 'up');
  for (const name of ['network', 'sysctl.d', 'network-scripts']) mkdirSync(path.join(folder, name));
  stage = {
    inside: ['ip', 'netns', 'exec', namespace],
    paths: {
      '/etc/network': path.join(folder, 'network'),
      '/etc/sysconfig': folder,
      '/etc/sysctl.d': path.join(folder, 'sysctl.d'),
    },
  };
});
afterEach(() => {
  execFileSync('ip', ['netns', 'del', namespace]);
  rmSync(folder, { recursive: true, force: true });
});

/** There, nothing left to change, and back to what was. */
function expectRoundTrip(resource: Resource, meanwhile: () => void): void {
  const before = observeFor(resource, stage);
  expect(driftFor(resource, stage)).not.toEqual([]);
  makeFor(resource, stage);
  expect(driftFor(resource, stage)).toEqual([]);
  meanwhile();
  undoTo(resource, before, stage);
  expect(observeFor(resource, stage)).toStrictEqual(before);
}

// Namespaces need root.
(process.getuid?.() === 0 ? describe : describe.skip)('in a network of its own', () => {
  test('a new card gets its address and the default route, and loses them again', () => {
    const resource = networkInterface({ platform: el7, facts: el7Facts }, settings);
    const file = path.join(folder, 'network-scripts/ifcfg-ens37');
    writeFileSync(file, 'DEVICE=ens37\nONBOOT=no\nZONE=lab\n');
    expectRoundTrip(resource, () => {
      expect(ip('-4', 'route', 'show', 'default')).toContain('via 192.168.2.130 dev ens37');
      expect(ip('-4', 'addr', 'show', 'ens37')).toContain('192.168.2.128/24 brd 192.168.2.255');
      expect(readFileSync(file, 'utf8')).toBe(
        'DEVICE=ens37\nONBOOT=yes\nZONE=lab\nIPADDR="192.168.2.128"\nPREFIX="24"\nGATEWAY="192.168.2.130"\nDNS1="8.8.8.8"\n',
      );
    });
  });

  test('another gateway takes the place of the old one, which comes back with its metric', () => {
    ip('link', 'set', 'ens37', 'up');
    ip('addr', 'add', '192.168.2.128/24', 'dev', 'ens37');
    ip('route', 'add', 'default', 'via', '192.168.2.2', 'dev', 'ens37', 'proto', 'static');
    ip('route', 'add', 'default', 'via', '192.168.2.3', 'dev', 'ens37', 'metric', '100');
    writeFileSync(
      path.join(folder, 'network-scripts/ifcfg-lab'),
      'DEVICE="ens37"\nONBOOT=yes\nHWADDR=00:0C:29:53:71:AC\n',
    );
    const resource = networkInterface({ platform: el7, facts: el7Facts }, settings);
    expectRoundTrip(resource, () => {
      expect(ip('-4', 'route', 'show', 'default').split('\n')).toEqual([
        expect.stringContaining('via 192.168.2.130'),
        expect.stringContaining('via 192.168.2.3'),
        '',
      ]);
      const file = readFileSync(path.join(folder, 'network-scripts/ifcfg-lab'), 'utf8');
      expect(file).toContain('HWADDR=00:0C:29:53:71:AC\n');
      expect(file).toContain('GATEWAY="192.168.2.130"\n');
    });
  });

  test('a default route of another card, whose lease is void by now, does not stop an undo', () => {
    ip('link', 'add', 'ens33', 'type', 'veth', 'peer', 'name', 'other');
    ip('link', 'set', 'other', 'up');
    ip('link', 'set', 'ens33', 'up');
    ip('addr', 'add', '10.0.0.9/24', 'dev', 'ens33');
    const leased = ['default', 'via', '10.0.0.1', 'dev', 'ens33', 'src', '10.0.0.9'];
    ip('route', 'add', ...leased, 'metric', '100');
    ip('link', 'set', 'ens37', 'up');
    ip('addr', 'add', '192.168.2.128/24', 'dev', 'ens37');
    ip('route', 'add', 'default', 'via', '192.168.2.2', 'dev', 'ens37');
    writeFileSync(path.join(folder, 'network-scripts/ifcfg-ens37'), 'DEVICE=ens37\n');
    const resource = networkInterface({ platform: el7, facts: el7Facts }, settings);
    const before = observeFor(resource, stage);
    makeFor(resource, stage);
    ip('addr', 'del', '10.0.0.9/24', 'dev', 'ens33');
    ip('addr', 'add', '10.0.0.77/24', 'dev', 'ens33');
    ip('route', 'add', 'default', 'via', '10.0.0.1', 'dev', 'ens33', 'metric', '101');
    expect(ip('-4', 'route', 'show', 'default')).not.toContain('10.0.0.9');
    undoTo(resource, before, stage);
    expect(
      ip('-4', 'route', 'show', 'default')
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual([
      'default via 192.168.2.2 dev ens37',
      'default via 10.0.0.1 dev ens33 metric 101',
      '',
    ]);
  });

  test.each(['0', '1'])(
    'an address that takes the place of an earlier one of ours: the earlier one goes, nothing else (promote_secondaries %s)',
    (promotes) => {
      const inside = ['netns', 'exec', namespace, 'sh', '-c'];
      const promotion = '/proc/sys/net/ipv4/conf/ens37/promote_secondaries';
      execFileSync('ip', [...inside, `echo ${promotes} >${promotion}`]);
      ip('link', 'set', 'ens37', 'up');
      writeFileSync(path.join(folder, 'network-scripts/ifcfg-ens37'), 'DEVICE=ens37\n');
      const by = (address: string): Resource<InterfaceState> =>
        networkInterface({ platform: el7, facts: el7Facts }, { ...settings, address });
      const [first, second] = [by('192.168.2.128'), by('192.168.2.140')];
      const before = observeFor(first, stage);
      makeFor(first, stage);
      ip('addr', 'add', '192.168.2.150/24', 'dev', 'ens37');
      const past = { before, outcomes: [], interrupted: false };
      const specs = [first, second].flatMap(({ spec }) => spec ?? []);
      const known = { ...past, specs };
      const addresses = (): string => ip('-br', '-4', 'addr', 'show', 'ens37');

      expect(driftFor(second, stage, known)).toContainEqual({
        field: 'address',
        from: '192.168.2.128/24',
        to: '192.168.2.140/24',
      });
      makeFor(second, stage, known);
      expect(driftFor(second, stage, known)).toEqual([]);
      expect(addresses()).toMatch(/UP +192\.168\.2\.150\/24 192\.168\.2\.140\/24 *\n/);
      expect(ip('-4', 'route', 'show', 'default')).toContain('via 192.168.2.130');

      // Both of ours are there when an apply was interrupted between the two.
      ip('addr', 'add', '192.168.2.128/24', 'dev', 'ens37');
      undoFor(second, known, stage);
      expect(addresses()).toMatch(/192\.168\.2\.150\/24 *\n/);
      expect(execFileSync('ip', [...inside, `cat ${promotion}`], { encoding: 'utf8' })).toBe(
        `${promotes}\n`,
      );
    },
  );

  test.each([
    ['if-up.d/lvslab-route-10-0-5-9', 'ifupdown'],
    ['../network-scripts/route-ens37', 'ifcfg'],
  ] as const)(
    'a route to one machine stays when the default changes: %s',
    (file, networkConfiguration) => {
      ip('link', 'set', 'ens37', 'up');
      ip('addr', 'add', '192.168.2.128/24', 'dev', 'ens37');
      ip('route', 'add', 'default', 'via', '192.168.2.2', 'dev', 'ens37');
      mkdirSync(path.join(folder, 'network/if-up.d'));
      const written = path.join(folder, 'network', file);
      const route = { address: '10.0.5.9', gateway: '192.168.2.2', device: 'ens37' };
      const resource = hostRoute({ networkConfiguration, route });
      expectRoundTrip(resource, () => {
        ip('route', 'replace', 'default', 'via', '192.168.2.130', 'dev', 'ens37');
        expect(ip('route', 'get', '10.0.5.9')).toContain('via 192.168.2.2 dev ens37');
        ip('route', 'del', '10.0.5.9');
        asAtBoot(written, networkConfiguration);
        expect(ip('route', 'get', '10.0.5.9')).toContain('via 192.168.2.2 dev ens37');
      });
      expect(existsSync(written)).toBe(false);
    },
  );

  /** As each system reads it when the card comes up; another card's turn changes nothing. */
  function asAtBoot(file: string, networkConfiguration: 'ifcfg' | 'ifupdown'): void {
    const inside = ['netns', 'exec', namespace];
    if (networkConfiguration === 'ifcfg') {
      const words = readFileSync(file, 'utf8').trim().split(' ');
      ip('route', 'add', ...words);
      return;
    }
    for (const IFACE of ['lo', 'ens37']) {
      expect(ip('route', 'get', '10.0.5.9')).toContain('via 192.168.2.130');
      execFileSync('ip', [...inside, file], { env: { ...process.env, IFACE, ADDRFAM: 'inet' } });
    }
  }

  test('a card that was pulled meanwhile is no known state', () => {
    const resource = networkInterface({ platform: el7, facts: el7Facts }, settings);
    ip('link', 'del', 'ens37');
    expect(() => observeFor(resource, stage)).toThrow('does not exist');
  });

  test('forwarding is switched on, also for the next boot, and off again', () => {
    const resource = sysctl({ key: 'net.ipv4.ip_forward', value: '1' });
    expectRoundTrip(resource, () => {
      const read = execFileSync(
        'ip',
        ['netns', 'exec', namespace, 'cat', '/proc/sys/net/ipv4/ip_forward'],
        { encoding: 'utf8' },
      );
      expect(read).toBe('1\n');
      const file = path.join(folder, 'sysctl.d/99-zz-lvslab-net.ipv4.ip_forward.conf');
      expect(readFileSync(file, 'utf8')).toContain('net.ipv4.ip_forward = 1\n');
    });
  });
});
