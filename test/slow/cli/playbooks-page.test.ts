import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  type DisguisedHost,
  disguisedInventory,
  startDisguisedHost,
} from '../../support/ssh/disguised-host.ts';
import { expectExit, lvslab } from '../../support/lvslab.ts';

jest.setTimeout(60_000);

const root = path.join(import.meta.dirname, '../../..');

/** The programs of the page, by the file names that it gives them. */
const programs = new Map(
  [
    ...readFileSync(path.join(root, 'docs/playbooks.md'), 'utf8').matchAll(
      /^```ts (\S+)\n([^]*?)^```$/gm,
    ),
  ].map(([, name = '', text = '']) => [name, text]),
);

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('what docs/playbooks.md shows', () => {
  let folder: string;
  let host: DisguisedHost;
  let inventory: string;
  const own = (name: string): string => path.join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-page-'));
    host = await startDisguisedHost();
    inventory = own('lab.yml');
    await writeFile(inventory, disguisedInventory(host.sshd));
    for (const [name, text] of programs) await writeFile(own(name), text);
    await lvslab('--version');
  });

  afterAll(async () => {
    await host.stop();
    await rm(folder, { recursive: true });
  });

  async function run(verb: string, name: string, ...more: readonly string[]): Promise<string> {
    const limit = ['-l', 'rs1', '-p', own(name)];
    const ended = await lvslab(verb, '-i', inventory, ...limit, ...more);
    expectExit(ended, verb === 'plan' ? 2 : 0);
    return ended.stdout;
  }

  test('has the types that it needs', async () => {
    expect([...programs.keys()]).toEqual(['health-page.ts', 'motd-line.ts', 'welcome.ts']);
    // A project of its own: elsewhere the files lie outside any, as a person's do.
    const project = own('project');
    await mkdir(project);
    for (const [name, text] of programs) await writeFile(path.join(project, name), text);
    await writeFile(path.join(project, 'package.json'), '{ "type": "module" }');
    const config = {
      extends: path.join(root, 'tsconfig.json'),
      compilerOptions: {
        typeRoots: [path.join(root, 'node_modules/@types')],
        paths: { lvslab: [path.join(root, 'src/index.ts')] },
      },
      include: [path.join(project, '*.ts')],
    };
    await writeFile(path.join(project, 'tsconfig.json'), JSON.stringify(config));
    const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
  });

  test('a playbook of known kinds is planned, made, proved, and undone without it', async () => {
    const page = host.at('/usr/local/nginx/html/health');
    execFileSync('mkdir', ['-p', path.dirname(page)]);
    expect(await run('plan', 'health-page.ts')).toContain('rs1 is well');
    expect(await run('apply', 'health-page.ts', '--yes')).toContain('Applied and proved.');
    expect(readFileSync(page, 'utf8')).toBe('rs1 is well\n');
    expectExit(await lvslab('teardown', '-i', inventory, '-l', 'rs1', '--yes'), 0);
    expect(existsSync(page)).toBe(false);
  });

  test('a reader that goes away does not stop an apply', async () => {
    const page = host.at('/usr/local/nginx/html/health');
    const program = path.join(root, 'bin/lvslab.js');
    const args = ['apply', '-i', inventory, '-l', 'rs1', '-p', own('health-page.ts'), '--yes'];
    execFileSync('sh', ['-c', '"$0" "$@" | head -n 1', process.execPath, program, ...args]);
    expect(readFileSync(page, 'utf8')).toBe('rs1 is well\n');
    expectExit(await lvslab('teardown', '-i', inventory, '-l', 'rs1', '--yes'), 0);
    expect(existsSync(page)).toBe(false);
  });

  test('a resource of an own kind is made at the first run, and undone by what the playbook says of it', async () => {
    const motd = host.at('/etc/motd');
    await writeFile(motd, 'Be kind.\n');
    chmodSync(motd, 0o640);
    const line = 'rs1 is part of an LVS lab\n';
    expect(await run('plan', 'welcome.ts')).toContain('our line in /etc/motd');
    expect(await run('export', 'welcome.ts')).toContain(`printf %s 'Be kind.\n${line}'`);
    const before = statSync(motd);
    expect(await run('apply', 'welcome.ts', '--yes')).toContain('Applied and proved.');
    expect(readFileSync(motd, 'utf8')).toBe(`Be kind.\n${line}`);
    // Another file under the same name: whoever reads it finds the old one or the new one, never half of it.
    expect(statSync(motd).ino).not.toBe(before.ino);
    expect(statSync(motd).mode & 0o777).toBe(0o640);
    expectExit(await lvslab('plan', '-i', inventory, '-l', 'rs1', '-p', own('welcome.ts')), 0);
    const without = await lvslab('teardown', '-i', inventory, '-l', 'rs1', '--yes');
    expectExit(without, 1);
    expect(without.stdout).toMatch(/'motd-line'[^]*give that with `[^`]* --playbook FILE`/);
    expect(readFileSync(motd, 'utf8')).toContain(line);
    appendFileSync(motd, 'Somebody was here.\n');
    expect(await run('teardown', 'welcome.ts', '--yes')).toContain('Undone and proved.');
    expect(readFileSync(motd, 'utf8')).toBe('Be kind.\nSomebody was here.\n');
    expect(statSync(motd).mode & 0o777).toBe(0o640);
    expect(existsSync(host.at('/var/lib/lvslab'))).toBe(false);
  });

  test('where there was no file, none is left', async () => {
    const motd = host.at('/etc/motd');
    await rm(motd, { force: true });
    await run('apply', 'welcome.ts', '--yes');
    expect(readFileSync(motd, 'utf8')).toBe('rs1 is part of an LVS lab\n');
    await run('teardown', 'welcome.ts', '--yes');
    expect(existsSync(motd)).toBe(false);
  });

  test('without a spec, plan says that no teardown can undo it', async () => {
    const playbook = programs.get('welcome.ts') ?? '';
    const irreversible = playbook.replace(
      /motdLine\((\{.*?\})\)/,
      '{ ...motdLine($1), spec: undefined }',
    );
    expect(irreversible).not.toBe(playbook);
    await writeFile(own('irreversible.ts'), irreversible);
    expect(await run('plan', 'irreversible.ts')).toMatch(
      /no teardown can undo this.*our line in \/etc\/motd/,
    );
  });

  test('a spec that nothing makes again is refused before anything is changed', async () => {
    const playbook = (programs.get('welcome.ts') ?? '').replace(/^ *kinds: .*\n/m, '');
    await writeFile(own('forgotten.ts'), playbook);
    const refused = await lvslab('plan', '-i', inventory, '-l', 'rs1', '-p', own('forgotten.ts'));
    expectExit(refused, 1);
    expect(refused.stdout).toMatch(
      /spec of 'our line in \/etc\/motd'[^]*E_PLAYBOOK[^]*defineKind\('motd-line'/,
    );
  });

  test.each([
    ['a function of another sort', '[() => 1]', 'kind 1 is not made by defineKind'],
    ['the same kind twice', '[motdLine, motdLine]', "two kinds are called 'motd-line'"],
    ['no list', '{ motdLine }', "'kinds' is no list"],
  ])('kinds that are %s are refused', async (_name, kinds, problem) => {
    const playbook = (programs.get('welcome.ts') ?? '').replace(
      'kinds: [motdLine]',
      `kinds: ${kinds}`,
    );
    await writeFile(own('bad-kinds.ts'), playbook);
    const refused = await lvslab('plan', '-i', inventory, '-l', 'rs1', '-p', own('bad-kinds.ts'));
    expectExit(refused, 1);
    expect(refused.stdout + refused.stderr).toContain(problem);
  });

  test('the documented plays can be taken up into a playbook of one’s own', async () => {
    const site = `import site from 'lvslab/playbooks/site.ts';\nimport { definePlaybook } from 'lvslab';
export default definePlaybook({ name: 'all', plays: [...site.plays] });\n`;
    await writeFile(own('all.ts'), site);
    const planned = await lvslab('plan', '-i', inventory, '-l', 'rs1', '-p', own('all.ts'));
    // There is no systemd to ask, nor may there be IPVS: that the plays speak of them is enough.
    expect(planned.stdout).toMatch(/rs1: .*service nginx/);
  });
});
