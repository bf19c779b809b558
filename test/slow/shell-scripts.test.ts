import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

import { ScriptCollector } from '../support/scripts/script-collector.ts';
import { literalCommands, shellTemplates } from '../support/scripts/shell-templates.ts';

/**
 * All the shell that lvslab makes, read by shellcheck and parsed by four shells.
 *
 * That none is forgotten, whoever adds one: `sh` is watched while the catalog (test/support/scripts/script-catalog.ts) makes every
 * script, and each `sh` template in src must stand in a script that was collected. A template that none contains, and a
 * command that is no template, fails the test by its place.
 */

const collector = new ScriptCollector();
const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-shell-'));
/** By file in the folder: what it is called here. */
const generated = new Map<string, string>();

/** Commands of the person's own, from their ssh configuration. */
const OTHERS = ['src/transport/settings/proxy-command.ts'];

/** Templates that quote a command of a hint, for a person to type. */
const HINTS = ['ls -l …', 'cat …/journal'];

/** What shellcheck says of shell that is meant so. */
const MEANT: readonly Meant[] = [
  { code: 1003, why: 'a quoted word with an apostrophe in it' },
  { code: 2016, why: "a quoted word that is another program's, or another shell's" },
  {
    code: 2317,
    why: 'a function that stands in front of many scripts, which not all of them call',
  },
  { code: 2043, why: 'a list that has one word on this host' },
  { code: 2034, line: /^lvslab_unfinished=/, why: 'the steps that write files read it' },
  { code: 2034, line: /^runs=\S+ folder=/, why: 'common to all scripts about a job' },
  { code: 2154, line: /^lvslab_seen\(\) /, why: 'whoever calls the function sets it' },
  { code: 2034, line: /lvslab_plain=" \$\* "$/, why: 'whoever prints a file reads it' },
  { code: 3045, line: /^ulimit -t /, why: 'runs on this machine, whose sh is dash' },
  {
    code: 2094,
    line: />link$/,
    why: "'link' is a file of the change's folder, and what is read another",
  },
  { code: 2238, line: />link$/, why: "'link' is a file of the change's folder" },
  {
    code: 2086,
    line: /\bip (addr|route) (add|append|replace|del) /,
    why: 'words as the host printed them',
  },
  {
    code: 2086,
    line: /^set -- |^' \$card |by now:" \$others|\$\{lvslab_(shown|told)_units-\}; then$/,
    why: 'several words',
  },
  { code: 2254, line: /^\$pattern\) /, why: 'a pattern as the network manager takes it' },
  { code: 2153, line: /^for server in \$DNS1/, why: 'variables of an ifcfg file' },
];

beforeAll(async () => {
  const real = await import('../../src/engine/model/shell/script.ts');
  jest.unstable_mockModule('../../src/engine/model/shell/script.ts', () => collector.watch(real));
  const { collectScripts } = await import('../support/scripts/script-catalog.ts');
  await collectScripts(collector);
  for (const [name, text] of collector.scripts) {
    const file = `${name.replaceAll(/[^\w-]+/g, '-')}.sh`;
    writeFileSync(path.join(folder, file), `${text}\n`);
    generated.set(file, name);
  }
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('no template is forgotten', () => {
  const forgotten = shellTemplates('src')
    .filter(({ raw }) => !HINTS.includes(raw.join('…')) && !collector.hasUsed(raw))
    .map(({ place, raw }) => `${place}: ${raw.join('…').trim().slice(0, 60)}`);
  expect(forgotten).toEqual([]);
});

test('no shell is given a command that is no template', () => {
  expect(literalCommands('src').filter((file) => !OTHERS.includes(file))).toEqual([]);
});

describe('every script', () => {
  test('passes shellcheck', () => {
    const findings = [
      ...shellcheck(['--shell=sh', ...generated.keys()], folder),
      ...shellcheck(['--external-sources', '--source-path=SCRIPTDIR', ...shellFiles()], '.'),
    ];
    expect(findings).toEqual([]);
  });

  test.each([
    ['dash', 'dash -n'],
    ['bash in its POSIX mode', 'bash --posix -n'],
    ['busybox', 'busybox sh -n'],
  ])('is read by %s', (_, shell) => {
    const each = `for file; do ${shell} "$file" || echo "$file"; done`;
    const run = spawnSync('sh', ['-c', each, 'sh', ...generated.keys()], { cwd: folder });
    expect(`${run.stdout.toString()}${run.stderr.toString()}`).toBe('');
  });
});

interface Meant {
  readonly code: number;
  /** Only in lines like this. */
  readonly line?: RegExp;
  readonly why: string;
}

interface Finding {
  readonly file: string;
  readonly line: number;
  readonly code: number;
  readonly message: string;
}

/** What shellcheck says, all files in one process, but for what is meant so. */
function shellcheck(args: readonly string[], cwd: string): readonly string[] {
  const options = { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const run = spawnSync('shellcheck', ['--norc', '--format=json1', ...args], options);
  expect(run.error ?? run.stderr).toBe('');
  const { comments } = JSON.parse(run.stdout) as { readonly comments: readonly Finding[] };
  return comments.flatMap(({ file, line, code, message }) => {
    const text = readFileSync(path.join(cwd, file), 'utf8').split('\n')[line - 1]?.trim() ?? '';
    const isMeant = MEANT.some((meant) => meant.code === code && (meant.line?.test(text) ?? true));
    return isMeant ? [] : [`${generated.get(file) ?? file}:${line}: SC${code} ${message} ${text}`];
  });
}

/** The files of shell in this repository. */
function shellFiles(): readonly string[] {
  return ['.ci', 'bench', 'bin', 'scripts', 'templates'].flatMap((top) =>
    readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.hbs'))
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .filter(
        (file) =>
          file.endsWith('.sh') || /^#!.*\bsh\b|^#!.*\bbash\b/.test(readFileSync(file, 'utf8')),
      ),
  );
}
