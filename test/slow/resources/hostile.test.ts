import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { type Resource, type Target } from '../../../src/engine/model/resource.ts';
import { factsOf, makeResource } from '../../support/case-resources.ts';

/** Each of them makes the file /caught when any part of it is run instead of being a word. */
const hostile = [
  '$(: >/caught)',
  '`: >/caught`',
  "'; : >/caught; '",
  '"; : >/caught; "',
  '\n: >/caught\n',
  '; : >/caught #',
  "\\'; : >/caught; \\'",
  `${'x'.repeat(10_000)}'\n: >/caught\n`,
  '-n; : >/caught',
  '../../$(: >/caught)\u00ff\ud83d',
];

/** Wherever a resource takes free text. */
const factories: readonly (readonly [kind: string, options: (text: string) => unknown])[] = [
  ['file', (text) => ({ path: `/tmp/${text}`, content: text, owner: text, group: text })],
  ['absent-file', (text) => ({ path: `/tmp/${text}` })],
  ['directory', (text) => ({ path: `/tmp/${text}`, owner: text, group: text, mode: text })],
  ['config-key', (text) => ({ file: `/tmp/${text}`, key: 'KEY', line: `KEY=${text}` })],
  ['unit-file', (text) => ({ name: text, content: text })],
  ['package-set', (text) => ({ names: [text, text] })],
  ['user', (text) => ({ name: text, shell: text })],
  [
    'service',
    (text) => ({
      name: text,
      enabled: true,
      active: true,
      startedWith: [{ id: text, path: text }],
    }),
  ],
  ['service', (text) => ({ name: text, enabled: true, active: true, quietly: true })],
  ['ipvs-table', (text) => virtualService(text)],
  ['ipvs-rules-file', (text) => ({ path: `/tmp/${text}`, service: virtualService(text) })],
  [
    'nginx-build',
    (text) => ({
      version: '1.16.1',
      sha256: 'f'.repeat(64),
      url: text,
      prefix: '/usr/local/nginx',
      user: text,
      configureArguments: [text, `--x=${text}`],
    }),
  ],
];

let root = '';
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'lvslab-cage-'));
  const libraries = execFileSync('ldd', ['/bin/sh'], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
  for (const file of ['/bin/sh', ...libraries]) {
    mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
    copyFileSync(file, path.join(root, file));
  }
  for (const name of ['tmp', 'proc']) mkdirSync(path.join(root, name));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Runs a script where there is nothing but a shell, every line of it, whatever fails. */
function runCaged(text: string): string {
  const { stderr, error } = spawnSync('chroot', [root, '/bin/sh', '-s'], {
    input: text,
    encoding: 'utf8',
    timeout: 10_000,
  });
  if (error !== undefined) throw error;
  return stderr;
}

/** Without it, scripts that write a file would not come as far as its content. */
const prelude = 'readlink() { echo /tmp/file; }';

/** Each in a subshell, so that one that gives up doesn't keep the next from running. */
function scriptsOf(resource: Resource): readonly string[] {
  const absent = { kind: 'absent' } as const;
  const states: readonly Target<unknown>[] = [resource.aim(absent), absent];
  return [
    resource.observe,
    ...states.flatMap((from) => states.map((to) => resource.converge(from, to))),
  ].map(({ text }) => `(\n:\n${text}\n)`);
}

// A cage needs root.
(process.getuid?.() === 0 ? describe : describe.skip)('hostile text', () => {
  test('is caught by the cage when it is not quoted', () => {
    runCaged(`true ${hostile[0] ?? ''}`);
    expect(existsSync(path.join(root, 'caught'))).toBe(true);
    rmSync(path.join(root, 'caught'));
  });

  test.each(factories)('stays a word in all scripts of %s', (kind, options) => {
    for (const text of hostile) {
      const resource = makeResource(kind, options(text), factsOf.debian);
      const complaints = runCaged(`${prelude}\n${scriptsOf(resource).join('\n')}`);
      expect(complaints).not.toMatch(/syntax error|unterminated|bad substitution/i);
      expect([text, existsSync(path.join(root, 'caught'))]).toEqual([text, false]);
    }
  });
});

test.each([
  ['sysctl', { key: '$(reboot)', value: '1' }],
  ['sysctl', { key: 'net.ipv4.ip_forward', value: '1\nkernel.panic = 1' }],
  ['kernel-module', { name: 'x; reboot', evidence: '/proc' }],
  ['config-key', { file: '/etc/x', key: '.*', line: '' }],
  ['network-interface', { device: '../etc', address: '1.2.3.4', prefix: 24, dns: [] }],
  [
    'nginx-build',
    { version: '1.16.1', sha256: 'f'.repeat(64), prefix: '/', user: 'x', configureArguments: [] },
  ],
  [
    'nginx-build',
    {
      version: '1.16.1',
      sha256: 'f'.repeat(64),
      prefix: '/usr/../..',
      user: 'x',
      configureArguments: [],
    },
  ],
  [
    'nginx-build',
    {
      version: '../x',
      sha256: 'f'.repeat(64),
      prefix: '/usr/local/nginx',
      user: 'x',
      configureArguments: [],
    },
  ],
  ['yum-repository', { vaultUrl: 'http://x\n[evil]' }],
])('is refused where only a name will do: %s %j', (kind, options) => {
  expect(() => makeResource(kind, options, factsOf.el7)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^E_(PLAYBOOK|TEMPLATE)$/) }),
  );
});

function virtualService(text: string) {
  return {
    protocol: 'tcp',
    address: text,
    port: 80,
    scheduler: text,
    options: text,
    destinations: [{ address: text, port: 80, method: 'masquerading', weight: 1, options: text }],
  };
}
