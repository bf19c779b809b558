import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { beginningOf } from '../../../src/diagnose/readings/beginning-of.ts';
import { counterScripts, stateScripts } from '../../../src/diagnose/readings/host-scripts.ts';
import { type Script, sh } from '../../../src/engine/model/shell/script.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-diagnose-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A folder with nothing but what scripts need of any system, and these programs. */
function programs(own: Readonly<Record<string, string>>): string {
  const bin = mkdtempSync(path.join(folder, 'bin-'));
  for (const name of ['sh', 'cat', 'head', 'grep', 'sort', 'sleep', 'tail', 'sed']) {
    const found = execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name]).toString().trim();
    symlinkSync(found, path.join(bin, name));
  }
  for (const [name, body] of Object.entries(own)) {
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${body}\n`);
    chmodSync(path.join(bin, name), 0o755);
  }
  return bin;
}

function run(
  script: Script | undefined,
  own: Readonly<Record<string, string>>,
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  if (script === undefined) throw new Error('there is no such script');
  const text = `(\n${script.text}\n)`;
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', text], {
    env: { PATH: programs(own), LC_ALL: 'C' },
    encoding: 'utf8',
    maxBuffer: 10_000_000,
  });
  return { status, stdout, stderr };
}

const questions = {
  waysTo: ['192.0.2.1'],
  isProvider: true,
  isDirector: true,
  isTunnelEnd: false,
  requests: ['192.0.2.1:80'],
  calledAs: '192.0.2.10',
};

function scriptOf(name: string): Script | undefined {
  const all = [...counterScripts(questions), ...stateScripts(questions)];
  return all.find((one) => one.name === name)?.script;
}

describe('the rules of a packet filter', () => {
  const filters = scriptOf('filters');
  const rules = 'echo "table inet t {"; echo "}"';
  const denied = 'echo "Operation not permitted (you must be root)" >&2; exit 1';

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['nothing that has any', {}, 'none\n'],
    ['nft alone', { nft: rules }, 'nft\ntable inet t {\n}\n'],
    [
      'nft without rules, iptables with some',
      { nft: ':', 'iptables-save': 'echo "*filter"' },
      'iptables\n*filter\n',
    ],
    [
      'a kernel without the filter of nft',
      { nft: 'echo "cache initialization failed: Protocol not supported" >&2; exit 1' },
      'none\n',
    ],
    [
      'a kernel without the filter of iptables',
      {
        'iptables-save':
          'echo "Unable to open /proc/net/ip_tables_names: No such file or directory" >&2; exit 1',
      },
      'iptables\n\n',
    ],
  ])('%s', (_, own, expected) => {
    expect(run(filters, own)).toMatchObject({ status: 0, stdout: expected });
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ['nft', { nft: denied }],
    ['nft, while iptables can be read', { nft: denied, 'iptables-save': 'echo "*filter"' }],
    ['iptables', { nft: ':', 'iptables-save': denied }],
    ['nft, which breaks off', { nft: `${rules}; ${denied}` }],
  ])('%s can not be read: that is no answer', (_, own) => {
    const { status, stderr } = run(filters, own);
    expect({ isRead: status === 0, stderr }).toEqual({
      isRead: false,
      stderr: expect.stringContaining('not permitted'),
    });
  });

  test('nft fails without a word', () => {
    expect(run(filters, { nft: 'exit 1' })).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/./),
    });
  });
});

describe('the way to an address', () => {
  const way = scriptOf('way to 192.0.2.1');

  test('that there is none is an answer', () => {
    const ip = 'echo "RTNETLINK answers: Network is unreachable" >&2; exit 2';
    expect(run(way, { ip })).toMatchObject({
      status: 0,
      stdout: 'RTNETLINK answers: Network is unreachable\n',
    });
  });

  test.each([
    ['no ip', {}],
    ['an ip that breaks', { ip: 'echo "error while loading shared libraries" >&2; exit 127' }],
  ])('%s: that is none', (_, own) => {
    const { status, stderr } = run(way, own);
    expect({ status, hasReason: stderr.trim() !== '' }).toEqual({ status: 1, hasReason: true });
  });
});

test('without curl a director asks nobody, and that is no failure', () => {
  expect(run(scriptOf('requests'), {})).toMatchObject({ status: 0, stdout: '' });
});

describe('the beginning of what a script prints', () => {
  test.each<[string, Script, number]>([
    ['that does well', sh`echo well`, 0],
    ['that fails at once', sh`exit 3`, 3],
    ['that fails behind an output', sh`echo half; exit 4`, 4],
    ['that is not there', sh`no-such-program`, 127],
  ])('of one %s', (_, script, status) => {
    expect(run(beginningOf(script), {}).status).toBe(status);
  });

  test('is no longer than that, and being cut off is no failure', () => {
    const endless = sh`while :; do echo 0123456789012345678901234567890123456789; done`;
    const { status, stdout } = run(beginningOf(endless), {});
    expect({ status, length: stdout.length }).toEqual({ status: 0, length: 400_000 });
  });
});
