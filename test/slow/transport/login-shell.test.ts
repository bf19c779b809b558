import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { type Connection } from '../../../src/engine/model/connection.ts';
import { quote, sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { runProgram } from '../../support/processes.ts';
import { connectTo, type Given } from '../../support/ssh/ssh-client.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('whatever the login files of a host do', () => {
  let sshd: TestSshd;
  let connection: Connection;
  let witness: string;

  beforeAll(async () => {
    sshd = await startSshd();
    await mkdir(path.join(sshd.folder, 'home'));
    witness = path.join(sshd.folder, 'witness');
    connection = await connectTo(sshd);
  });

  afterAll(async () => {
    await connection.close();
    await sshd.stop();
  });

  beforeEach(() => bashrc(''));

  /** What root's bash reads before it runs a command. */
  const bashrc = (text: string): Promise<void> =>
    writeFile(path.join(sshd.folder, 'home/.bashrc'), `${text}\n`);

  const hostile = [
    'export POSIXLY_CORRECT=1',
    'export PATH=/nonexistent:.',
    'unset PATH',
    'cat() { echo 1; }; export -f cat',
    'env() { echo 2; }; sh() { echo 3; }; export -f env sh',
    'function /bin/sh { echo 4; }; function /usr/bin/env { echo 5; }',
    'shopt -s expand_aliases; alias env=false sh=false /usr/bin/env=false',
    'read() { :; }; echo() { :; }; cd() { :; }; export -f read echo cd',
    'export LC_ALL=tr_TR.UTF-8 LANG=de_DE LANGUAGE=de LC_MESSAGES=zh_CN',
    'export IFS=/e',
    'export BASH_ENV=/dev/stdin ENV=/dev/stdin',
    'export CDPATH=/etc:/usr GREP_OPTIONS=-v GREP_COLORS=x TMPDIR=/nowhere HOME=/nowhere',
    'set -eux; export SHELLOPTS',
    'set -o posix; export SHELLOPTS',
    'shopt -s failglob; export BASHOPTS',
    'export LD_PRELOAD=/nowhere.so',
    'cd /proc/self/fd',
    'trap "echo bye" EXIT; trap "echo debug" DEBUG',
    'echo welcome; echo oops >&2; printf "no line end"',
    'bash; echo back',
    'read x',
    'read x; read y; read -r z',
    'read -t 5 -n 3 x',
    'readonly LC_ALL=de_DE PATH=/nowhere HOME=/nowhere',
    'umask 0777',
    'export SUDO_UID=4711 SUDO_USER=bob',
  ];
  test.each(hostile)('a script runs as it always does: %s', async (text) => {
    await bashrc(text);
    const { exitCode, stdout, stderr } = await connection.run(observed);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toBe(await expectedOutput());
  });

  /** Prints what a script's work depends on. */
  const observed =
    trusted(`cat /proc/self/environ | tr '\\0' '\\n' | grep -v '^SSH_CONNECTION=' | sort
printf 'a b\\n' | while read -r one two; do echo "$two $one"; done
for word in $(echo x/e y); do echo "$word"; done
pwd; df -Pk / | head -n 1; (cd usr; pwd); grep -c root: /etc/passwd; alias; command -v sh`);

  let plain: string | undefined;
  const expectedOutput = async (): Promise<string> => {
    if (plain !== undefined) return plain;
    await bashrc('');
    const { stdout } = await connection.run(observed);
    plain = stdout;
    return plain;
  };

  test('the environment is ours, and says where the connection comes from', async () => {
    await bashrc(
      'export http_proxy="http://proxy:3128/" NO_PROXY="a b,\\$(reboot)" OTHER=1 SUDO_UID=5',
    );
    const { stdout } = await connection.run(trusted("tr '\\0' '\\n' </proc/$$/environ | sort"));
    expect(stdout.trim().split('\n')).toEqual([
      'HOME=/root',
      'LC_ALL=C',
      'LOGNAME=root',
      'NO_PROXY=a b,$(reboot)',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      expect.stringMatching(/^SSH_CONNECTION=127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+$/),
      'USER=root',
      'http_proxy=http://proxy:3128/',
    ]);
  });

  test('any variable or function that is exported changes nothing', async () => {
    const expected = await expectedOutput();
    const name = fc.oneof(
      fc.constantFrom(
        ...['PATH', 'IFS', 'ENV', 'BASH_ENV', 'CDPATH', 'LC_ALL', 'LANG', 'HOME', 'TMPDIR', 'PS4'],
        ...[
          'POSIXLY_CORRECT',
          'BLOCKSIZE',
          'DF_BLOCK_SIZE',
          'TERM',
          'LD_LIBRARY_PATH',
          'GREP_COLOR',
        ],
      ),
      fc
        .stringMatching(/^[A-Z_][A-Z0-9_]{0,9}$/)
        .filter((one) => !/^(BASH|[A-Z]+_PROXY$|SSH_)/.test(one)),
    );
    const variable = fc
      .tuple(name, fc.string({ unit: 'grapheme', maxLength: 20 }))
      .map(([key, text]) => `export ${key}=${quote(text.replaceAll('\0', ''))}`);
    const command = fc.constantFrom(
      ...['cat', 'sed', 'grep', 'env', 'sh', 'exit', 'printf', 'echo', 'test', '[', 'id', 'sort'],
      ...['command', 'eval', 'set', 'trap', 'true', 'df', 'tr', 'head', 'pwd', 'sudo', 'while_'],
    );
    const func = command.map((one) => `${one}() { builtin echo stray; }; export -f ${one}`);
    // Functions first: with POSIXLY_CORRECT, bash refuses some of their names.
    const login = fc.tuple(fc.array(func, { maxLength: 5 }), fc.array(variable, { maxLength: 5 }));
    await fc.assert(
      fc.asyncProperty(login, async (lines) => {
        // What a shell refuses of it is another matter.
        await bashrc(`{ :\n${lines.flat().join('\n')}\n} 2>/dev/null`);
        const { stdout, stderr } = await connection.run(observed);
        expect({ stdout, stderr }).toEqual({ stdout: expected, stderr: '' });
      }),
      { numRuns: 25 },
    );
  });

  describe('what can not work is told in one line, and nothing has run', () => {
    const cases: readonly (readonly [string, string, RegExp, Given?])[] = [
      ['another bash', 'exec bash', /start another shell, which reads what is meant for sh/],
      ['another shell without a word', 'exec dash 2>/dev/null', /start another shell/],
      ['a busybox', 'exec busybox sh', /start another shell/],
      [
        'a shell that is missing',
        'exec /bin/no-zsh',
        /ended before it ran the command, with status 12[67], and last printed: .*no-zsh/,
      ],
      [
        'a program that only reads',
        'cat >/dev/null',
        /read the standard input to its end; nothing was run/,
      ],
      [
        'a reader of a big piece',
        'head -c 100000 >/dev/null',
        /read the standard input to its end/,
      ],
      [
        'an echo of all',
        'exec cat',
        /ended before it ran the command, with status 0, and last printed: /,
      ],
      ['a shell that only reads', 'set -o noexec', /with status 0, and printed nothing/],
      ['an exit', 'exit', /ended before it ran the command, with status 0, and printed nothing/],
      [
        'an exit for shells without a prompt',
        '[ -n "$PS1" ] || exit 3',
        /with status 3, and printed nothing/,
      ],
      ['a shell that is killed', 'kill -9 $$', /ended before it ran the command, by a signal/],
      [
        'a wish for another user',
        'echo "Please login as the user \\"admin\\" rather than the user \\"root\\"."; exit 142',
        /^the host wants another user: Please login as the user "admin" rather than/,
      ],
      [
        'an expired password',
        'echo "WARNING: Your password has expired." >&2; echo "Password change required but no TTY available." >&2; exit 1',
        /^the password of the login user has expired: WARNING/,
      ],
      [
        'a shell for nobody',
        'echo "This account is currently not available."; exit 1',
        /^the login user may not run commands: This account/,
      ],
    ];
    test.each(cases)('%s', async (_name, text, message) => {
      await bashrc(text);
      await rm(witness, { force: true });
      const running = connection.run(
        sh`touch ${witness}; for i in $(seq 100); do echo "fact $i"; done`,
      );
      const error: unknown = await running.catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'E_AUTHENTICATION',
        host: 'rs1',
        step: 'login',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/\w{3}/),
      });
      const { message: said } = error as Error;
      expect(said.split('\n')).toHaveLength(1);
      expect(said.length).toBeLessThan(500);
      await expect(stat(witness)).rejects.toThrow('ENOENT');
    });

    test('a login file that prints without end', async () => {
      await bashrc('yes "noise noise noise"');
      await expect(connection.run(trusted('echo hello'))).rejects.toMatchObject({
        code: 'E_OUTPUT_TOO_LONG',
        step: 'login',
        message: expect.stringContaining('of the login shell, before it ran anything'),
        hint: expect.stringContaining('.bashrc'),
      });
    });
  });

  test('the hint for another user says what to set', async () => {
    await bashrc(
      'echo \'Please login as the user "ec2-user" rather than the user "root".\'; exit 142',
    );
    await expect(connection.run(trusted('id'))).rejects.toMatchObject({
      hint: 'Set ansible_user: ec2-user and ansible_become: true.',
    });
  });

  describe('a login user with a shell of their own', () => {
    const user = `lvslab-shell-${process.pid}`;
    const home = `/tmp/${user}`;
    const sudoers = `/etc/sudoers.d/${user}`;

    beforeAll(async () => {
      await runProgram('useradd', ['-r', '-m', '-d', home, '-s', '/bin/bash', user]);
      // An account without a password is a locked one.
      await runProgram('sh', ['-c', 'printf "%s:secret\\n" "$1" | chpasswd', 'sh', user]);
      await writeFile(sudoers, `${user} ALL=(ALL) NOPASSWD: ALL\n`, { mode: 0o440 });
    });

    afterAll(async () => {
      await rm(sudoers, { force: true });
      await runProgram('userdel', ['-r', user]).catch(() => undefined);
    });

    const runAs = async (text: string): ReturnType<Connection['run']> => {
      const opened = await connectTo(sshd, { user, become: true });
      try {
        return await opened.run(trusted(text));
      } finally {
        await opened.close();
      }
    };

    test('sudo passes on nothing of what the login shell exports', async () => {
      await writeFile(sudoers, `Defaults:${user} !env_reset\n${user} ALL=(ALL) NOPASSWD: ALL\n`);
      await writeFile(
        `${home}/.bashrc`,
        'export LC_ALL=xx OTHER=1 HOME=/nowhere; cat() { echo stray; }; export -f cat\n',
      );
      const { stdout } = await runAs(
        "id -u; tr '\\0' '\\n' </proc/$$/environ | cut -d = -f 1 | sort",
      );
      expect(stdout.trim().split('\n')).toEqual([
        ...['0', 'HOME', 'LC_ALL', 'LOGNAME', 'PATH', 'SSH_CONNECTION', 'SUDO_UID', 'USER'],
      ]);
    });

    test('a restricted shell is no obstacle', async () => {
      await writeFile(`${home}/.bashrc`, '');
      await runProgram('usermod', ['-s', '/bin/rbash', user]);
      expect(await runAs('id -u')).toMatchObject({ exitCode: 0, stdout: '0\n' });
      await runProgram('usermod', ['-s', '/bin/bash', user]);
    });

    test('an account without a shell says what it is', async () => {
      await runProgram('usermod', ['-s', '/usr/sbin/nologin', user]);
      await expect(runAs('id')).rejects.toMatchObject({
        message: 'the login user may not run commands: This account is currently not available.',
      });
      await runProgram('usermod', ['-s', '/bin/bash', user]);
    });

    test('an expired password says what it is', async () => {
      const strict = await startSshd({ config: ['UsePAM yes'] });
      await runProgram('chage', ['-d', '0', user]);
      const opened = await connectTo(strict, { user, become: true });
      await expect(opened.run(trusted('id'))).rejects.toMatchObject({
        code: 'E_AUTHENTICATION',
        message: expect.stringMatching(/^the password of the login user has expired: /),
        hint: expect.stringContaining('passwd'),
      });
      await opened.close();
      await strict.stop();
    });
  });
});
