import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import { labFrom } from '../../../src/lab/lab-from.ts';
import { lvslab } from '../../support/lvslab.ts';

// The program may have to be brought up to date with its sources first.

let folder = '';
const inFolder = (name: string): string => path.join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lvslab-answers-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** The example of the documentation. */
async function documentedAnswers(): Promise<string> {
  const page = await readFile(new URL('../../../docs/getting-started.md', import.meta.url), 'utf8');
  return /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
}

describe('lvslab init without a terminal', () => {
  test('the documented answers make a lab; an option wins over them', async () => {
    await writeFile(inFolder('answers.yml'), await documentedAnswers());
    const file = inFolder('lab.yml');
    const args = ['--answers', inFolder('answers.yml'), '-a', 'scheduler=rr'];
    const { exitCode, stdout, stderr } = await lvslab('init', file, ...args);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toContain('`-> rs2  RIP 10.0.0.12:80  eth0  weight 2');
    const inventory = await loadInventory(file);
    expect(labFrom(inventory)).toMatchObject({
      services: [{ address: '10.1.0.1', scheduler: 'rr' }],
      clients: [{ name: 'client', address: '10.1.0.50' }],
    });
    expect(inventory.hosts.get('rs2')?.connection).toMatchObject({ user: 'admin', port: 2222 });
    expect(await readdir(folder)).toEqual(['answers.yml', 'lab.yml']);
  });

  test('all that is wrong is told at once, with its place, and nothing is written', async () => {
    await writeFile(inFolder('lab.yml'), 'mine');
    await writeFile(inFolder('answers.yml'), 'port: 70000\ndirector:\n  adress: 10.1.0.1\n');
    const { exitCode, stdout, stderr } = await lvslab(
      ...['init', inFolder('lab.yml'), '--answers', inFolder('answers.yml')],
    );
    expect([exitCode, stdout]).toEqual([1, '']);
    const text = stderr.replaceAll(/\s+/g, ' ');
    expect(text).toContain('answers.yml:1:1: port must be a port from 1 to 65535, not 70000');
    expect(text).toContain('answers.yml:3:3: director.adress: there is no such answer');
    expect(text).toContain('(did you mean director.address?)');
    expect(text).toContain('vip is missing');
    expect(text).toContain('lab.yml is there already');
    expect(await readFile(inFolder('lab.yml'), 'utf8')).toBe('mine');
    await writeFile(inFolder('answers.yml'), 'vip: [');
    const broken = await lvslab('init', '--answers', inFolder('answers.yml'));
    expect(broken.stderr).toContain('1 problem with the answers');
    expect(broken.stderr.replaceAll(/\s/g, '')).toContain('answers.yml:1:7:Flow');
  });

  test('a file is replaced with --force, whole, and stays where its link leads', async () => {
    await writeFile(inFolder('lab.yml'), 'mine');
    spawnSync('ln', ['-s', 'lab.yml', inFolder('link.yml')]);
    const { exitCode } = await lvslab(
      'init',
      inFolder('link.yml'),
      '--from',
      'tutorial',
      '--force',
    );
    expect(exitCode).toBe(0);
    expect(await readFile(inFolder('lab.yml'), 'utf8')).toContain('test3');
    expect((await readdir(folder)).sort()).toEqual(['lab.yml', 'link.yml']);
  });

  test('an inventory that variables beside it would spoil is not written', async () => {
    spawnSync('mkdir', [inFolder('group_vars')]);
    await writeFile(inFolder('group_vars/all.yml'), 'lvs_mode: tunnel\n');
    const { exitCode, stderr } = await lvslab('init', inFolder('lab.yml'), '--from', 'tutorial');
    expect(exitCode).toBe(1);
    expect(stderr.replaceAll(/\s+/g, '')).toContain('group_vars/all.yml:1:1:lvs_mode');
    await expect(stat(inFolder('lab.yml'))).rejects.toThrow('ENOENT');
  });
});

const lister = 'ansible-inventory';
const installed = spawnSync(lister, ['--version']).error === undefined;

(installed ? describe : describe.skip)('with ansible-inventory', () => {
  test('Ansible reads what is written, without a warning', async () => {
    const file = inFolder('lab.yml');
    await lvslab('init', file, '--from', 'tutorial', '-a', 'director.name=balancer');
    const env = { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8' };
    const { stdout, stderr } = spawnSync(lister, ['-i', file, '--list'], { env, encoding: 'utf8' });
    expect(stderr).toBe('');
    const { _meta, ...groups } = JSON.parse(stdout) as {
      readonly _meta: { readonly hostvars: Readonly<Record<string, unknown>> };
      readonly real_servers: { readonly hosts: readonly string[] };
    };
    expect(groups.real_servers.hosts).toEqual(['rs1', 'rs2']);
    const { hosts } = await loadInventory(file);
    expect(_meta.hostvars).toEqual(
      Object.fromEntries(
        [...hosts].map(([name, { vars }]) => [
          name,
          Object.fromEntries([...vars].map(([key, { value }]) => [key, value])),
        ]),
      ),
    );
  });
});
