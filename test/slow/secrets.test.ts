import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Vault } from 'ansible-vault';

import {
  filesBelow,
  filesWrittenSince,
  LeakWatch,
  type Needles,
  needlesIn,
} from '../support/lab/leak-watch.ts';
import { lvslab } from '../support/lvslab.ts';
import { runProgram } from '../support/processes.ts';
import { makeKey, startSshd, type TestSshd } from '../support/ssh/sshd.ts';
import { openTerminal } from '../support/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/lvslab.js', import.meta.url));
const asRoot = process.getuid?.() === 0 && existsSync('/etc/sudoers.d') ? describe : describe.skip;

jest.setTimeout(240_000);

const word = (): string => randomBytes(6).toString('hex');

asRoot('secrets of a whole cycle', () => {
  const user = `lvslab-sec-${process.pid}`;
  const sudoers = `/etc/sudoers.d/${user}`;
  // The login user's password is also the one that sudo asks for.
  const secrets = {
    password: word(),
    passphrase: word(),
    vault: word(),
    token: word(),
    wrong: word(),
  };
  let sshd: TestSshd;
  let folder: string;
  let began: number;
  const shown: string[] = [];

  beforeAll(async () => {
    await lvslab('--version');
    began = Date.now();
    await runProgram('useradd', ['-r', '-m', '-d', `/tmp/${user}`, '-s', '/bin/bash', user]);
    const setPassword = spawn('chpasswd', { stdio: ['pipe', 'ignore', 'ignore'] });
    setPassword.stdin.end(`${user}:${secrets.password}\n`);
    await new Promise((resolve) => setPassword.on('close', resolve));
    await writeFile(sudoers, `${user} ALL=(ALL) ALL\n`, { mode: 0o440 });
    sshd = await startSshd({
      ownState: true,
      config: ['AuthenticationMethods publickey,password', 'LogLevel DEBUG3'],
    });
    folder = await mkdtemp(path.join(tmpdir(), 'lvslab-secrets-'));
    // The passphrase stands in the argument list of ssh-keygen, so the watch begins later.
    const key = path.join(folder, 'locked');
    await makeKey(key, 'ed25519', secrets.passphrase);
    await appendFile(
      path.join(sshd.folder, 'authorized_keys'),
      await readFile(`${key}.pub`, 'utf8'),
    );
    await writeInventory();
  });

  afterAll(async () => {
    await sshd.stop();
    await rm(folder, { recursive: true });
    await rm(sudoers, { force: true });
    await runProgram('userdel', ['-r', user]).catch(() => undefined);
  });

  async function writeInventory(): Promise<void> {
    const vault = new Vault({ password: secrets.vault });
    const sudo = (await vault.encrypt(secrets.password, 'default')).replaceAll(
      /^/gm,
      '            ',
    );
    const common = `-o UserKnownHostsFile=${folder}/known_hosts -o GlobalKnownHostsFile=none -o IdentityAgent=none -F /dev/null`;
    await mkdir(path.join(folder, 'group_vars'));
    await writeFile(
      path.join(folder, 'group_vars/all.yml'),
      await vault.encrypt(`token: ${secrets.token}\nlvs_weight: 2\n`, 'default'),
    );
    await writeFile(
      path.join(folder, 'lab.yml'),
      `all:
  vars:
    lvs_vip: 192.168.4.133
    lvs_dip: 192.168.2.130
    ansible_host: 127.0.0.1
    ansible_port: ${sshd.port}
    ansible_user: ${user}
    ansible_ssh_private_key_file: ${folder}/locked
    ansible_ssh_common_args: '${common}'
    ansible_become: true
    ansible_become_password: !vault |
${sudo}
  children:
    director:
      hosts: {dir: {ansible_host: localhost, lvs_vip_interface: ens37, lvs_dip_interface: ens33}}
    real_servers:
      hosts:
        rs1:
          lvs_rip: 192.168.2.128
          lvs_interface: ens33
`,
    );
    await writeFile(
      path.join(folder, 'play.ts'),
      `import { definePlaybook, directory, file } from 'lvslab';
export default definePlaybook({
  name: 'two files',
  plays: [{
    name: 'files',
    hosts: 'real_servers',
    resources: () => [
      directory({ path: '/var/lib/thing' }),
      file({ path: '/var/lib/thing/page', content: 'hello' }),
    ],
  }],
});
`,
    );
  }

  /** Runs a command at a terminal and answers its questions; resolves to what stood there at the end. */
  async function run(
    command: string,
    exitCode: number,
    answers: Partial<typeof asked> = {},
  ): Promise<string> {
    const env = { HOME: folder, SSH_AUTH_SOCK: '', XDG_CACHE_HOME: `${folder}/cache` };
    const terminal = await openTerminal(
      `cd ${folder} && node ${PROGRAM} ${command}; echo "exit $?"`,
      env,
    );
    try {
      for (const [question, secret] of Object.entries({ ...asked, ...answers })) {
        await terminal.answer(question);
        await terminal.type(secret);
        await terminal.press('Enter');
      }
      const screen = await terminal.see(`exit ${exitCode}`);
      shown.push(screen);
      return screen;
    } finally {
      await terminal.close();
    }
  }

  const asked = {
    'Vault password': secrets.vault,
    'Password for the logins': secrets.password,
    'Passphrase of': secrets.passphrase,
  };
  const hosts = '-i lab.yml -l rs1 --ask-vault-pass --ask-pass';
  const play = `${hosts} -p play.ts`;
  const loudly = `${play} --verbose`;

  test('none of them shows in outputs, files, argument lists or environments, on either side', async () => {
    const root = `/proc/${sshd.pid}/root`;
    const onHost = ['run', 'var/lib'].map((name) => path.join(root, name));
    const watch = new LeakWatch(secrets, [...onHost, path.join(folder, 'cache')]);
    const outputs: string[] = [];

    expect(await run(`plan ${play} --host-key-checking strict`, 1)).toContain('is not known');
    expect(await run(`plan ${loudly} --host-key-checking accept-new`, 2)).toContain(
      'new host key ED25519',
    );
    expect(await run(`apply ${loudly} --yes`, 0)).toContain('proved');
    expect(await readFile(path.join(root, 'var/lib/thing/page'), 'utf8')).toBe('hello');
    await run(`plan ${loudly} --json > plan.json`, 0);
    await run(`export ${play} > export.sh`, 0);
    await run(`doctor -i lab.yml --ask-vault-pass --ask-pass --json > doctor.json`, 1);
    const journals = await contentsBelow(path.join(root, 'var/lib/lvslab'));
    expect(journals).toContain('/var/lib/thing/page');
    await run(`teardown ${hosts} --yes --verbose`, 0);
    const refused = { 'Password for the logins': secrets.wrong };
    expect(await run(`plan ${play}`, 1, refused)).toContain('the login as');
    for (const name of ['plan.json', 'export.sh', 'doctor.json']) {
      outputs.push(await readFile(path.join(folder, name), 'utf8'));
    }
    const { found, rounds } = await watch.stop();

    expect(found).toEqual([]);
    expect(rounds).toBeGreaterThan(50);
    expect(needlesIn([...shown, ...outputs, journals].join('\n'), secrets)).toEqual([]);
    const left: string[] = [];
    for (const file of [
      ...(await filesWrittenSince(tmpdir(), began)),
      ...(await Promise.all(onHost.map((one) => filesWrittenSince(one, began)))).flat(),
    ]) {
      const bytes = await readFile(file).catch(() => Buffer.alloc(0));
      left.push(...needlesIn(bytes, secrets).map((name) => `${name} in ${file}`));
    }
    expect(left).toEqual([]);
  });

  test('what looks for them finds what is there', async () => {
    const needles: Needles = { argument: word(), variable: word(), file: word() };
    await writeFile(path.join(folder, 'planted'), `password: ${needles['file'] ?? ''}\n`);
    const watch = new LeakWatch(needles, [folder]);
    const planted = spawn('sleep', ['600'], {
      argv0: needles['argument'] ?? '',
      env: { PLANTED: needles['variable'] },
    });
    await watch.fullRound();
    planted.kill();
    const { found } = await watch.stop();
    expect(found.join('\n')).toMatch(
      /argument in cmdline[^]*file in .*planted[^]*variable in environ/,
    );
    await rm(path.join(folder, 'planted'));
  });
});

async function contentsBelow(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (const file of filesBelow(folder)) texts.push(await readFile(file, 'utf8'));
  return texts.join('\n');
}
