import { appendFile, copyFile, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { trusted } from '../../../src/engine/model/shell/script.ts';
import { Secret } from '../../../src/engine/model/secret.ts';
import { openConnection } from '../../../src/transport/open-connection.ts';
import { isAlive, runProgram, waitUntil } from '../../support/processes.ts';
import { connectTo, visit } from '../../support/ssh/ssh-client.ts';
import { makeKey, startSshd, type TestSshd } from '../../support/ssh/sshd.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

// A login takes a tenth of a second, and much longer where everything runs at once.

asRoot('connecting to a real sshd', () => {
  let sshd: TestSshd;
  let relay: string;

  beforeAll(async () => {
    sshd = await startSshd();
    relay = path.join(sshd.folder, 'relay.mjs');
    await writeFile(
      relay,
      `import { connect } from 'node:net'; import { writeFileSync } from 'node:fs';
       const [port, pidFile] = process.argv.slice(2);
       writeFileSync(pidFile, String(process.pid));
       const socket = connect(Number(port), '127.0.0.1');
       process.stdin.pipe(socket); socket.pipe(process.stdout);
       process.stdin.on('end', () => {}); setInterval(() => {}, 1000);`,
    );
  });

  afterAll(async () => {
    await sshd.stop();
  });

  describe('logging in', () => {
    test('a key that the host does not know is refused, and what was tried is told', async () => {
      const stranger = path.join(sshd.folder, 'stranger');
      await makeKey(stranger, 'ecdsa');
      const error = await failure(
        connectTo(sshd, { privateKeyFile: stranger, password: new Secret('wrong') }),
      );
      expect(error).toMatchObject({ code: 'E_AUTHENTICATION', host: 'rs1', step: 'connect' });
      expect(error.message).toContain(`tried the key ${stranger}, the password`);
      expect(error.message).toContain('the host accepts publickey, password');
    });

    test('an encrypted key asks for its passphrase, and says so when there is nobody to ask', async () => {
      const locked = path.join(sshd.folder, 'locked');
      await copyFile(sshd.keyFile, locked);
      await runProgram('chmod', ['600', locked]);
      await runProgram('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', locked]);
      const asked: string[] = [];
      const askPassphrase = async (keyFile: string): Promise<Secret> => {
        asked.push(keyFile);
        return new Secret('open sesame');
      };
      expect(await visit(sshd, { privateKeyFile: locked, askPassphrase })).toBe('root');
      expect(asked).toEqual([locked]);
      await expect(connectTo(sshd, { privateKeyFile: locked })).rejects.toMatchObject({
        code: 'E_AUTHENTICATION',
        message: expect.stringContaining(`the key ${locked} is encrypted`),
        hint: expect.stringContaining(`ssh-add ${locked}`),
      });
    });

    test('another connection is a login of its own, and asks nobody a second time', async () => {
      const locked = path.join(sshd.folder, 'locked-again');
      await makeKey(locked, 'ed25519', 'open sesame');
      await appendFile(
        path.join(sshd.folder, 'authorized_keys'),
        await readFile(`${locked}.pub`, 'utf8'),
      );
      const asked: string[] = [];
      const askPassphrase = async (keyFile: string): Promise<Secret> => {
        asked.push(keyFile);
        return new Secret('open sesame');
      };
      const first = await connectTo(sshd, { privateKeyFile: locked, askPassphrase });
      const second = await first.again();
      const keepers = await Promise.all(
        [first, second].map((connection) => connection.run(trusted('echo "$SSH_CONNECTION"'))),
      );
      expect(new Set(keepers.map(({ stdout }) => stdout)).size).toBe(2);
      await first.close();
      expect(await second.run(trusted('id -u'))).toMatchObject({ stdout: '0\n' });
      expect(second.host).toBe('rs1');
      const third = await second.again();
      expect(await third.run(trusted('id -u'))).toMatchObject({ stdout: '0\n' });
      await Promise.all([second.close(), third.close()]);
      expect(asked).toEqual([locked]);
    });

    test('another connection has an interruption of its own', async () => {
      const interruption = new AbortController();
      const first = await connectTo(sshd, { signal: interruption.signal });
      interruption.abort();
      const second = await first.again();
      expect(await second.run(trusted('id -u'))).toMatchObject({ stdout: '0\n' });
      await expect(first.again({ signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: 'E_CANCELLED',
      });
      await Promise.all([first.close(), second.close()]);
    });

    test('the agent is used, and a stale one does no harm', async () => {
      const socket = path.join(sshd.folder, 'agent');
      const { stdout } = await runProgram('ssh-agent', ['-s', '-a', socket]);
      const agent = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
      try {
        await runProgram('ssh-add', ['-q', sshd.keyFile], { SSH_AUTH_SOCK: socket });
        const given = { privateKeyFile: path.join(sshd.folder, 'gone') };
        expect(await visit(sshd, { ...given, commonArgs: `-o IdentityAgent=${socket}` })).toBe(
          'root',
        );
        await expect(
          connectTo(sshd, {
            ...given,
            commonArgs: `-o IdentityAgent=${socket} -o IdentitiesOnly=yes`,
          }),
        ).rejects.toMatchObject({ code: 'E_AUTHENTICATION' });
      } finally {
        process.kill(agent);
      }
      await waitUntil(() => !isAlive(agent));
      expect(await visit(sshd, { commonArgs: `-o IdentityAgent=${socket}` })).toBe('root');
    });
  });

  describe('the way to the host', () => {
    test('a ProxyCommand is the connection, and is gone after closing', async () => {
      const pidFile = path.join(sshd.folder, 'relay pid');
      const command = `'${process.execPath}' '${relay}' %p '${pidFile}' # %h %%`;
      const connection = await connectTo(sshd, { commonArgs: `-o "ProxyCommand=${command}"` });
      expect(await connection.run(trusted('id -u'))).toMatchObject({ stdout: '0\n' });
      const pid = Number(await readFile(pidFile, 'utf8'));
      expect(isAlive(pid)).toBe(true);
      const another = await connection.again();
      await connection.close();
      expect(isAlive(pid)).toBe(false);
      const other = Number(await readFile(pidFile, 'utf8'));
      expect(other).not.toBe(pid);
      expect(await another.run(trusted('id -u'))).toMatchObject({ stdout: '0\n' });
      await another.close();
      expect(isAlive(other)).toBe(false);
    });

    test('a ProxyCommand is gone after a failed login', async () => {
      const pidFile = path.join(sshd.folder, 'relay-pid-2');
      const commonArgs = `-o 'ProxyCommand=${process.execPath} ${relay} %p ${pidFile}'`;
      await expect(connectTo(sshd, { commonArgs, privateKeyFile: relay })).rejects.toMatchObject({
        code: 'E_AUTHENTICATION',
      });
      expect(isAlive(Number(await readFile(pidFile, 'utf8')))).toBe(false);
    });

    test('a ProxyCommand that fails is quoted', async () => {
      const commonArgs = `-o 'ProxyCommand=sh -c "echo no such namespace >&2; exit 3"'`;
      await expect(connectTo(sshd, { commonArgs })).rejects.toMatchObject({
        code: 'E_CONNECT',
        host: 'rs1',
        message: `the ProxyCommand to 127.0.0.1:${sshd.port} ended with status 3: no such namespace`,
      });
    });

    test('a jump host of the ssh_config is passed through', async () => {
      const config = path.join(sshd.folder, 'ssh_config');
      await writeFile(
        config,
        `Host rs1\n HostName 127.0.0.1\n Port ${sshd.port}\n User root\n ProxyJump jump\n
         Host jump\n HostName 127.0.0.1\n Port ${sshd.port}\n User root\n
         Host *\n IdentityFile ${sshd.keyFile}\n GlobalKnownHostsFile none\n IdentityAgent none\n`,
      );
      const connection = await openConnection({
        host: 'rs1',
        address: 'rs1',
        become: false,
        home: sshd.folder,
        commonArgs: `-F ${config} -o UserKnownHostsFile=${sshd.knownHosts} -o StrictHostKeyChecking=yes`,
      });
      const { stdout } = await connection.run(trusted('echo "$SSH_CONNECTION"'));
      expect(stdout).toMatch(new RegExp(`^127.0.0.1 \\d+ 127.0.0.1 ${sshd.port}$`, 'm'));
      await connection.close();
    });

    test('without an ssh program the arguments alone decide', async () => {
      const none = { sshProgram: '/nonexistent/ssh' };
      expect(await visit(sshd, { ...none, commonArgs: '-o StrictHostKeyChecking=yes' })).toBe(
        'root',
      );
    });

    test('an option without effect is told; one that ssh does not know is refused', async () => {
      const notices: string[] = [];
      const onNotice = (text: string): void => void notices.push(text);
      await visit(sshd, { commonArgs: '-4 -o Tunnel=no -o ControlMaster=auto', onNotice });
      expect(notices).toEqual([
        'the ssh option -4 has no effect in lvslab',
        'the ssh option Tunnel has no effect in lvslab',
      ]);
      await expect(
        connectTo(sshd, { commonArgs: '-o StrictHostChecking=no' }),
      ).rejects.toMatchObject({
        code: 'E_CONNECT',
        message: expect.stringMatching(/bad configuration option: stricthostchecking/i),
      });
    });
  });

  describe('hosts that can not be reached', () => {
    test('nobody listens', async () => {
      const port = await closedPort();
      await expect(connectTo(sshd, { port })).rejects.toMatchObject({
        code: 'E_CONNECT',
        host: 'rs1',
        step: 'connect',
        message: `127.0.0.1:${port} refused the connection`,
      });
    });

    test('an IPv6 address stands in brackets', async () => {
      const port = await closedPort();
      await expect(connectTo(sshd, { address: '::1', port })).rejects.toMatchObject({
        code: 'E_CONNECT',
        message: expect.stringContaining(`[::1]:${port}`),
      });
    });

    test('the name is not known', async () => {
      await expect(connectTo(sshd, { address: 'rs1.invalid' })).rejects.toMatchObject({
        code: 'E_CONNECT',
        message: `the name of rs1.invalid:${sshd.port} is not known`,
      });
    });

    test('somebody listens and says nothing, for a bounded time, or until told to stop', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => silent.once('listening', resolve));
      const { port } = silent.address() as { readonly port: number };
      await expect(connectTo(sshd, { port, connectTimeoutMs: 200 })).rejects.toMatchObject({
        code: 'E_CONNECT',
        message: `127.0.0.1:${port} did not answer in time`,
      });
      const signal = AbortSignal.timeout(200);
      await expect(connectTo(sshd, { port, signal })).rejects.toMatchObject({
        code: 'E_CANCELLED',
      });
      silent.close();
    });

    test('somebody listens and speaks something else', async () => {
      const server = createServer((socket) => socket.end('220 mail ready\r\n')).listen(
        0,
        '127.0.0.1',
      );
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as { readonly port: number };
      await expect(connectTo(sshd, { port })).rejects.toMatchObject({
        code: 'E_CONNECT',
        message: expect.stringContaining(`127.0.0.1:${port} does not speak SSH`),
      });
      server.close();
    });

    test('names that a shell could misread are refused', async () => {
      for (const given of [{ address: '-oProxyCommand=x' }, { user: 'a;reboot' }]) {
        await expect(connectTo(sshd, given)).rejects.toMatchObject({
          code: 'E_CONNECT',
          message: expect.stringContaining("can't be a name in ssh"),
        });
      }
    });
  });
});

async function failure(promise: Promise<unknown>): Promise<Error> {
  const outcome: unknown = await promise.catch((error: unknown) => error);
  if (outcome instanceof Error) return outcome;
  throw new Error('expected a failure');
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
