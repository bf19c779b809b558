import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { type Connection } from '../../../src/engine/model/connection.ts';
import { sh, trusted } from '../../../src/engine/model/shell/script.ts';
import { type OpenSession, runAsRoot } from '../../../src/transport/root/root-session.ts';
import { isAlive, waitUntil } from '../../support/processes.ts';
import { connectTo } from '../../support/ssh/ssh-client.ts';
import { startSshd, type TestSshd } from '../../support/ssh/sshd.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

// A login takes a tenth of a second, and much longer where everything runs at once.

asRoot('scripts over a real sshd', () => {
  let sshd: TestSshd;
  let connection: Connection;

  beforeAll(async () => {
    sshd = await startSshd();
    connection = await connectTo(sshd);
  });

  afterAll(async () => {
    await connection.close();
    await sshd.stop();
  });

  test('a script is run as root, and its output, errors and exit status come back', async () => {
    const before = connection.sessions;
    const result = await connection.run(
      trusted('id -u; echo "locale=$LC_ALL"; echo oops >&2; exit 7'),
    );
    expect(result).toEqual({ exitCode: 7, stdout: '0\nlocale=C\n', stderr: 'oops\n' });
    expect(connection.sessions).toBe(before + 1);
  });

  test('a script that is ended by a signal has no exit status', async () => {
    expect(await connection.run(trusted('kill -9 $$'))).toMatchObject({ exitCode: null });
  });

  test('the script is not seen in the process list', async () => {
    const { stdout } = await connection.run(
      trusted(
        'secret=4711-0815; tr "\\0" " " </proc/$$/cmdline; tr "\\0" " " </proc/$PPID/cmdline',
      ),
    );
    expect(stdout).toContain('sh -s');
    expect(stdout).not.toContain('4711-0815');
  });

  test('output is streamed while the script goes on, with no character broken', async () => {
    const pieces: string[] = [];
    const { stdout } = await connection.run(
      trusted(
        `printf 'gr\\303'; sleep 0.2; printf '\\274\\303\\237e \\360\\237'; sleep 0.2; printf '\\220\\247'`,
      ),
      { onStdout: (text) => pieces.push(text) },
    );
    expect(stdout).toBe('grüße 🐧');
    expect(pieces).toEqual(['gr', 'üße ', '🐧']);
  });

  test('a megabyte goes in and comes back', async () => {
    const text = `${'0123456789abcde\n'.repeat(65536)}end`;
    const { stdout } = await connection.run(sh`printf %s ${text}`);
    expect(stdout === text).toBe(true);
  });

  test('a script with a syntax error in its last line does nothing at all', async () => {
    const witness = path.join(sshd.folder, 'witness');
    const { exitCode } = await connection.run(sh`touch ${witness}
: next
if true; then`);
    expect(exitCode).not.toBe(0);
    await expect(stat(witness)).rejects.toThrow('ENOENT');
  });

  test('a script of which only the first half arrives does nothing at all', async () => {
    const witness = path.join(sshd.folder, 'cut-off');
    const first = sh`touch ${witness}`.text;
    // As a connection that breaks leaves it: the shell has read whole lines, and then the end.
    const cut: OpenSession = ([program = '', ...args], { onStdout, onStderr }) => {
      const child = spawn(program, args);
      child.stdout.on('data', onStdout);
      child.stderr.on('data', onStderr);
      const ended = once(child, 'close').then(() => ({ exitCode: child.exitCode }));
      let sent = '';
      const stdin = new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          sent += chunk.toString();
          done();
        },
        final: (done) => {
          const end = sent.indexOf(first) + first.length;
          child.stdin.end(`${sent.slice(0, end)}\n`);
          done();
        },
      });
      return { stdin, ended, kill: () => child.kill() };
    };
    await runAsRoot(cut, {
      host: 'rs1',
      script: trusted(`${first}\necho the rest`),
      become: { kind: 'never' },
      nonce: 'lvslab-nonce',
    });
    await expect(stat(witness)).rejects.toThrow('ENOENT');
  });

  test('scripts may run at the same time', async () => {
    const results = await Promise.all([1, 2, 3].map((n) => connection.run(sh`echo ${n}`)));
    expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n']);
  });

  test('a script that takes too long is left', async () => {
    const running = connection.run(trusted('sleep 30'), { timeoutMs: 300 });
    await expect(running).rejects.toMatchObject({ code: 'E_TIMEOUT', host: 'rs1', step: 'run' });
    expect(await connection.run(trusted('echo still here'))).toMatchObject({ exitCode: 0 });
  });

  test('a script that was left ends when it prints', async () => {
    const stop = new AbortController();
    let printed = '';
    const running = connection.run(trusted('while echo "$$"; do sleep 0.1; done'), {
      signal: stop.signal,
      onStdout: (text) => {
        printed += text;
        if (printed.includes('\n')) stop.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED', host: 'rs1' });
    const pid = Number.parseInt(printed, 10);
    expect(pid).toBeGreaterThan(1);
    await waitUntil(() => !isAlive(pid));
    expect(isAlive(pid)).toBe(false);
  });

  test('a script is stopped on request', async () => {
    const stop = new AbortController();
    const running = connection.run(trusted('echo started; sleep 30'), {
      signal: stop.signal,
      onStdout: () => {
        stop.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED', host: 'rs1' });
  });

  test('an upload is whole, private, owned by root, and makes its folder', async () => {
    const local = path.join(sshd.folder, 'local');
    const remote = path.join(sshd.folder, "made/for it's/remote.tar.gz");
    await writeFile(
      local,
      Buffer.from([0, 255, 10, 13, 39, ...new Array<number>(300_000).fill(7)]),
    );
    const before = connection.sessions;
    await connection.upload(local, remote);
    expect((await readFile(remote)).equals(await readFile(local))).toBe(true);
    const { uid, mode } = await stat(remote);
    expect({ uid, mode: mode & 0o777 }).toEqual({ uid: 0, mode: 0o600 });
    expect(connection.sessions - before).toBe(3);
    const { stdout } = await connection.run(sh`ls -A ${path.dirname(remote)}`);
    expect(stdout).toBe('remote.tar.gz\n');
  });

  test('an upload that can not be put in its place says why', async () => {
    const uploading = connection.upload(sshd.keyFile, '/proc/nowhere/file');
    await expect(uploading).rejects.toMatchObject({
      code: 'E_STEP_FAILED',
      host: 'rs1',
      step: 'upload',
      message: expect.stringContaining('/proc/nowhere'),
    });
  });

  test('a connection that breaks ends what runs over it', async () => {
    const doomed = await connectTo(sshd);
    await expect(doomed.run(trusted('kill -9 $PPID; sleep 30'))).rejects.toMatchObject({
      code: 'E_CONNECTION_LOST',
      host: 'rs1',
    });
    await expect(doomed.run(trusted(':'))).rejects.toMatchObject({ code: 'E_CONNECTION_LOST' });
    await expect(doomed.upload(sshd.keyFile, '/tmp/x')).rejects.toMatchObject({
      code: 'E_CONNECTION_LOST',
    });
    await doomed.close();
  });

  test('a host that falls silent is given up', async () => {
    const silent = await connectTo(sshd, {
      commonArgs: '-o ServerAliveInterval=1 -o ServerAliveCountMax=1',
    });
    const { stdout } = await silent.run(trusted('echo $PPID'));
    const running = silent.run(trusted('kill -STOP $PPID; sleep 30'));
    await expect(running).rejects.toMatchObject({ code: 'E_CONNECTION_LOST', host: 'rs1' });
    await silent.close();
    process.kill(Number.parseInt(stdout, 10), 'SIGKILL');
  });
});
