import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { privateFolder } from '../../../src/cli/session/private-folder.ts';
import { lvslabIn } from '../../support/lvslab.ts';

jest.setTimeout(120_000);

/** The user 'nobody' of every system. */
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lvslab-caches-'));
  await chmod(folder, 0o755);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const at = (...parts: readonly string[]): string => path.join(folder, ...parts);

/** What somebody else on this machine can do. */
function asNobody(command: string): void {
  execFileSync('setpriv', ['--reuid', String(NOBODY), '--clear-groups', 'sh', '-c', command]);
}

asRoot('a folder for one user alone', () => {
  test('is made for that user, and trusted the next time, too', async () => {
    const wanted = at('cache/lvslab/jiti');
    expect(await privateFolder(wanted)).toEqual({ folder: wanted });
    expect((await stat(wanted)).mode & 0o777).toBe(0o700);
    await writeFile(path.join(wanted, 'file'), '');
    expect(await privateFolder(wanted)).toEqual({ folder: wanted });
  });

  test('is not trusted where it belongs to somebody else, though it lies in a sticky folder', async () => {
    await chmod(folder, 0o1777);
    asNobody(`mkdir -p ${at('cache')} && chmod 755 ${at('cache')}`);
    expect(await privateFolder(at('cache'))).toEqual({
      distrust: `${at('cache')} belongs to user ${NOBODY}`,
    });
  });

  test('is not made in the home of somebody else', async () => {
    await mkdir(at('home'));
    await chown(at('home'), NOBODY, NOBODY);
    expect(await privateFolder(at('home/.cache/lvslab'))).toHaveProperty('distrust');
    expect(await readdir(at('home'))).toEqual([]);
  });

  test('is not trusted where others can write to it or to a folder above it', async () => {
    await mkdir(at('open/cache'), { recursive: true });
    await chmod(at('open'), 0o777);
    expect(await privateFolder(at('open/cache'))).toEqual({
      distrust: `others can write to ${at('open')}`,
    });
    await chmod(at('open'), 0o1777);
    expect(await privateFolder(at('open/cache'))).toEqual({ folder: at('open/cache') });
    await chmod(at('open/cache'), 0o1777);
    expect(await privateFolder(at('open/cache'))).toEqual({
      distrust: `others can write to ${at('open/cache')}`,
    });
  });

  test('is not trusted with something of somebody else in it, nor with a link', async () => {
    await mkdir(at('cache'), { mode: 0o777 });
    await chmod(at('cache'), 0o777);
    asNobody(`echo evil > ${at('cache/planted')}`);
    await chmod(at('cache'), 0o700);
    expect(await privateFolder(at('cache'))).toHaveProperty('distrust');
    await rm(at('cache/planted'));
    await symlink('/etc/passwd', at('cache/link'));
    expect(await privateFolder(at('cache'))).toEqual({ distrust: `${at('cache/link')} is a link` });
  });

  test('is not where a link of somebody else leads', async () => {
    await mkdir(at('theirs'));
    await chown(at('theirs'), NOBODY, NOBODY);
    await symlink(at('theirs'), at('link'));
    expect(await privateFolder(at('link'))).toHaveProperty('distrust');
    expect(await privateFolder(at('link/below'))).toHaveProperty('distrust');
  });
});

asRoot('the cache of playbooks', () => {
  const PLAYBOOK = `export default { name: 'mine', plays: [] as readonly string[] };\n`;

  async function plan(...more: readonly string[]): Promise<string> {
    const args = ['-i', at('lab.yml'), '-p', at('own.ts'), ...more];
    const { stdout } = await lvslabIn({ XDG_CACHE_HOME: at('shared') }, 'plan', ...args);
    expect(stdout).toContain('no play is for any of these hosts');
    return stdout;
  }

  beforeEach(async () => {
    await writeFile(at('own.ts'), PLAYBOOK);
    await writeFile(
      at('lab.yml'),
      `all: {vars: {ansible_user: root, lvs_vip: 192.168.4.133, lvs_dip: 192.168.2.130}}
director: {hosts: {lb1: {ansible_host: 127.0.0.1, lvs_vip_interface: ens37, lvs_dip_interface: ens33}}}
real_servers: {hosts: {rs1: {ansible_host: 127.0.0.2, lvs_rip: 192.168.2.128, lvs_interface: ens33}}}
`,
    );
  });

  test('is not run when somebody else could have written it', async () => {
    await mkdir(at('shared'));
    await plan();
    const cache = at('shared/lvslab/jiti');
    const [compiled = ''] = (await readdir(cache)).filter((name) => name.includes('own'));
    expect(await readFile(path.join(cache, compiled), 'utf8')).toContain('mine');

    // The same program as it would be compiled, but for what it does first.
    const evil = `process.getBuiltinModule('fs').writeFileSync('${at('ran')}', '');\n`;
    const text = await readFile(path.join(cache, compiled), 'utf8');
    await writeFile(path.join(cache, compiled), evil + text);
    await plan();
    expect(existsSync(at('ran'))).toBe(true);
    await rm(at('ran'));

    execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, at('shared')]);
    expect(await plan()).not.toContain('without a cache');
    expect(existsSync(at('ran'))).toBe(false);
    expect(await plan('--verbose')).toMatch(/without a cache: \S+ belongs to user 65534/);
  });
});
