import { beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { lvslab } from '../../support/lvslab.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('the program', () => {
  // The first call compiles what is new.
  beforeAll(async () => {
    await lvslab('--version');
  }, 60_000);

  test('shows its help, and each command its own with examples', async () => {
    const help = await lvslab('--help');
    expect(help.exitCode).toBe(0);
    const commands = [...help.stdout.matchAll(/^ {2}([a-z]+) \[options\]/gm)].map(
      ([, name]) => name,
    );
    expect(commands).toEqual(expect.arrayContaining(['demo', 'plan', 'apply', 'verify', 'drill']));
    const tooLong = /^.{81,}$/m;
    expect(help.stdout).not.toMatch(tooLong);
    const pages = await Promise.all(
      commands.map(async (command) => lvslab(command ?? '', '--help')),
    );
    for (const page of pages) {
      expect(page.exitCode).toBe(0);
      expect(page.stdout).toContain('Examples:');
      expect(page.stdout).not.toMatch(tooLong);
    }
  }, 30_000);

  test('loads nothing for a help page but the command line itself', () => {
    const imported = ['main.ts', 'program.ts'].flatMap((file) =>
      [
        ...readFileSync(path.join(root, 'src/cli', file), 'utf8').matchAll(
          /^import (?!type)[^']*'([^']+)'/gm,
        ),
      ].map(([, name]) => name),
    );
    expect(imported.toSorted()).toEqual([
      './exit-codes.ts',
      './options.ts',
      './program.ts',
      'commander',
    ]);
  });

  test('says what is wrong with the command line, and ends with 1', async () => {
    const typo = await lvslab('plam');
    expect(typo).toMatchObject({ exitCode: 1, stdout: '' });
    expect(typo.stderr).toContain('Did you mean plan?');
    const missing = await lvslab('plan');
    expect(missing).toMatchObject({ exitCode: 1 });
    expect(missing.stderr).toContain('--inventory');
  });

  test('lists the mistakes of all modes without an inventory, and makes none', async () => {
    const listed = await lvslab('break', '--list');
    expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(listed.stdout).toMatch(/^L03 +LVS-NAT +director /m);
    expect(listed.stdout).toMatch(/^L19 +LVS-TUN +real server /m);
    const made = await lvslab('break', 'L03');
    expect(made).toMatchObject({ exitCode: 1, stdout: '' });
    expect(made.stderr).toMatch(/which lab .*\[E_USAGE\]\n.* break L03 -i lab\.yml`/);
  });

  test.each([
    ['60s', 'E_INVENTORY'],
    ['90', 'E_INVENTORY'],
    ['2m', 'E_INVENTORY'],
    ['0', 'A time from 1s'],
    ['soon', 'A time from 1s'],
  ])('a time may be %s: %s', async (time, answer) => {
    const { exitCode, stderr } = await lvslab('apply', '-i', '/nowhere/lab.yml', '--wait', time);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(answer);
  });

  test('tells a program that reads its events of the error that ends it', async () => {
    const { exitCode, stdout, stderr } = await lvslab('plan', '--json', '-i', '/nowhere/lab.yml');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'error',
      error: { code: 'E_INVENTORY', message: expect.stringContaining('/nowhere/lab.yml:1:1') },
    });
    expect(stderr).toContain('E_INVENTORY');
  });

  test('lists all mistakes of an inventory with their places, before any host is contacted', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-cli-'));
    try {
      const file = path.join(folder, 'lab.yml');
      const text = readFileSync(path.join(root, 'inventory/centos7.yml'), 'utf8');
      writeFileSync(
        file,
        text
          .replace('lvs_scheduler', 'lvs_schedular')
          .replace(/lvs_weight: 2/, 'lvs_weight: 70000'),
      );
      const { exitCode, stdout, stderr } = await lvslab('plan', '-i', file);
      expect(exitCode).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/lab\.yml:\d+:\d+.*lvs_schedular.*lvs_scheduler/);
      expect(stderr).toMatch(/lab\.yml:\d+:\d+.*70000/);
      expect(stderr).not.toContain('    at ');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('an inventory that is not there is named, without a stack', async () => {
    const { exitCode, stderr } = await lvslab('plan', '-i', '/nowhere/lab.yml');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('/nowhere/lab.yml');
    expect(stderr).not.toContain('    at ');
  });

  test('a reader that goes away is no failure', () => {
    const script = `"$0" bin/lvslab.js demo --help | head -n 1; exit "$?"`;
    const { status, stderr } = spawnSync('sh', ['-c', script, process.execPath], {
      cwd: root,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('a file that is no playbook is refused with what it lacks', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lvslab-cli-'));
    try {
      const playbook = path.join(folder, 'nothing.ts');
      writeFileSync(playbook, 'export default { name: 1 };');
      const { exitCode, stderr } = await lvslab(
        'apply',
        '-i',
        'inventory/embedded.yml',
        '-p',
        playbook,
      );
      expect(exitCode).toBe(1);
      expect(stderr).toContain("'name' is missing");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
