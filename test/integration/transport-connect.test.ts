import { execFile, spawn } from 'node:child_process';
import { copyFile, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { type Connection } from '../../src/engine/connection.ts';
import { trusted } from '../../src/engine/script.ts';
import { type ConnectionSettings } from '../../src/transport/connection-settings.ts';
import { openConnection, type OpenOptions } from '../../src/transport/open-connection.ts';
import { makeKey, startSshd, type TestSshd } from '../support/sshd.ts';

const asRoot = process.getuid?.() === 0 ? describe : describe.skip;

asRoot('connecting to a real sshd', () => {
  let sshd: TestSshd;
  let relay: string;

  type Given = Partial<ConnectionSettings> & OpenOptions;

  const connect = ({ commonArgs = '', ...given }: Given = {}): Promise<Connection> =>
    openConnection(
      {
        host: 'rs1',
        address: '127.0.0.1',
        port: sshd.port,
        user: 'root',
        privateKeyFile: sshd.keyFile,
        become: false,
        home: sshd.folder,
        ...given,
        // The first of two options counts: those of a test go before the usual ones.
        commonArgs: `${commonArgs} ${sshd.sshArgs}`,
      },
      given,
    );

  /** Connects, asks who is there, and closes. */
  const visit = async (given: Given = {}): Promise<string> => {
    const connection = await connect(given);
    try {
      const { stdout } = await connection.run(trusted('id -un'));
      return stdout.trim();
    } finally {
      await connection.close();
    }
  };

  beforeAll(async () => {
    sshd = await startSshd({ hostKeyTypes: ['ed25519', 'rsa', 'ecdsa'] });
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

  describe('host keys', () => {
    const file = (name: string): string => path.join(sshd.folder, name);

    test.each(['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'])(
      'a host of which only the %s key is known is asked for that key',
      async (type) => {
        const key = sshd.hostKeys.find((one) => one.startsWith(type)) ?? '';
        await writeFile(file('one'), `[127.0.0.1]:${sshd.port} ${key}\n`);
        const args = `-o UserKnownHostsFile=${file('one')} -o StrictHostKeyChecking=yes`;
        expect(await visit({ commonArgs: args })).toBe('root');
      },
    );

    test('a hashed entry in the second of two files will do', async () => {
      await copyFile(sshd.knownHosts, file('hashed'));
      await run('ssh-keygen', ['-q', '-H', '-f', file('hashed')]);
      expect(await readFile(file('hashed'), 'utf8')).not.toContain('127.0.0.1');
      const args = `-o 'UserKnownHostsFile=${file('none')} ${file('hashed')}' -o StrictHostKeyChecking=yes`;
      expect(await visit({ commonArgs: args })).toBe('root');
    });

    test.each(['yes', 'no'])(
      'a new key is told and written once, in a private file; hashed: %s',
      async (hashed) => {
        const target = file(`new-${hashed}/ssh/known_hosts`);
        const told: unknown[] = [];
        const given: Given = {
          commonArgs: `-o UserKnownHostsFile=${target} -o HashKnownHosts=${hashed}`,
          onNewHostKey: (key) => told.push(key),
        };
        await visit(given);
        await visit(given);
        const name = `[127.0.0.1]:${sshd.port}`;
        expect(told).toEqual([
          {
            host: 'rs1',
            name,
            fingerprint: expect.stringMatching(/^ED25519 SHA256:/),
            file: target,
          },
        ]);
        expect((await stat(target)).mode & 0o777).toBe(0o600);
        expect((await stat(path.dirname(target))).mode & 0o777).toBe(0o700);
        const { stdout } = await run('ssh-keygen', ['-F', name, '-f', target]);
        expect(stdout).toContain(sshd.hostKeys[0]?.split(' ')[1]);
      },
    );

    test('a new key goes on a line of its own where the last line has no end', async () => {
      await writeFile(file('unended'), '# only a comment');
      await visit({ commonArgs: `-o UserKnownHostsFile=${file('unended')}` });
      expect((await readFile(file('unended'), 'utf8')).split('\n')).toHaveLength(3);
    });

    test('a new key is refused under strict checking', async () => {
      const args = `-o UserKnownHostsFile=${file('strict')} -o StrictHostKeyChecking=yes`;
      await expect(connect({ commonArgs: args })).rejects.toMatchObject({
        code: 'E_HOST_KEY',
        host: 'rs1',
        step: 'connect',
      });
    });

    test('a changed key stops the connection, with both fingerprints and the way out', async () => {
      await makeKey(file('other'), 'ed25519');
      const other = await readFile(file('other.pub'), 'utf8');
      await writeFile(file('changed'), `# lab\n[127.0.0.1]:${sshd.port} ${other}`);
      const args = `-o UserKnownHostsFile=${file('changed')}`;
      const error = await failure(connect({ commonArgs: args }));
      expect(error).toMatchObject({
        code: 'E_HOST_KEY',
        hint: expect.stringContaining(
          `ssh-keygen -R '[127.0.0.1]:${sshd.port}' -f ${file('changed')}`,
        ),
      });
      expect(error.message).toContain(`${file('changed')}:2`);
      const shown = await run('ssh-keygen', ['-lf', `${file('host_ed25519')}.pub`]);
      const known = await run('ssh-keygen', ['-lf', file('other.pub')]);
      expect(error.message).toContain(shown.stdout.split(' ')[1]);
      expect(error.message).toContain(known.stdout.split(' ')[1]);
      const lax = `${args} -o StrictHostKeyChecking=no`;
      const notices: string[] = [];
      expect(await visit({ commonArgs: lax, onNotice: (text) => notices.push(text) })).toBe('root');
      expect(notices).toEqual([expect.stringContaining('has changed')]);
    });

    test('a revoked key is refused even without checking', async () => {
      await writeFile(file('revoked'), `@revoked * ${sshd.hostKeys[0] ?? ''}\n`);
      const args = `-o UserKnownHostsFile=${file('revoked')} -o StrictHostKeyChecking=no`;
      await expect(connect({ commonArgs: args })).rejects.toMatchObject({
        code: 'E_HOST_KEY',
        message: expect.stringContaining(`revoked in ${file('revoked')}:1`),
      });
    });
  });

  describe('logging in', () => {
    test('a key that the host does not know is refused, and what was tried is told', async () => {
      const stranger = path.join(sshd.folder, 'stranger');
      await makeKey(stranger, 'ecdsa');
      const error = await failure(connect({ privateKeyFile: stranger, password: 'wrong' }));
      expect(error).toMatchObject({ code: 'E_AUTHENTICATION', host: 'rs1', step: 'connect' });
      expect(error.message).toContain(`tried the key ${stranger}, the password`);
      expect(error.message).toContain('the host accepts publickey, password');
    });

    test('an encrypted key asks for its passphrase, and says so when there is nobody to ask', async () => {
      const locked = path.join(sshd.folder, 'locked');
      await copyFile(sshd.keyFile, locked);
      await run('chmod', ['600', locked]);
      await run('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', locked]);
      const asked: string[] = [];
      const askPassphrase = async (keyFile: string): Promise<string> => {
        asked.push(keyFile);
        return 'open sesame';
      };
      expect(await visit({ privateKeyFile: locked, askPassphrase })).toBe('root');
      expect(asked).toEqual([locked]);
      await expect(connect({ privateKeyFile: locked })).rejects.toMatchObject({
        code: 'E_AUTHENTICATION',
        message: expect.stringContaining(`the key ${locked} is encrypted`),
        hint: expect.stringContaining(`ssh-add ${locked}`),
      });
    });

    test('the agent is used, and a stale one does no harm', async () => {
      const socket = path.join(sshd.folder, 'agent');
      const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
      try {
        await until(async () => (await readdir(sshd.folder)).includes('agent'));
        await run('ssh-add', ['-q', sshd.keyFile], { SSH_AUTH_SOCK: socket });
        const given = { privateKeyFile: path.join(sshd.folder, 'gone') };
        expect(await visit({ ...given, commonArgs: `-o IdentityAgent=${socket}` })).toBe('root');
        await expect(
          connect({ ...given, commonArgs: `-o IdentityAgent=${socket} -o IdentitiesOnly=yes` }),
        ).rejects.toMatchObject({ code: 'E_AUTHENTICATION' });
      } finally {
        agent.kill();
      }
      await until(() => agent.exitCode !== null);
      expect(await visit({ commonArgs: `-o IdentityAgent=${socket}` })).toBe('root');
    });
  });

  describe('the way to the host', () => {
    test('a ProxyCommand is the connection, and is gone after closing', async () => {
      const pidFile = path.join(sshd.folder, 'relay pid');
      const command = `'${process.execPath}' '${relay}' %p '${pidFile}' # %h %%`;
      const connection = await connect({ commonArgs: `-o "ProxyCommand=${command}"` });
      expect(await connection.run(trusted('id -u'))).toMatchObject({ stdout: '0\n' });
      const pid = Number(await readFile(pidFile, 'utf8'));
      expect(isAlive(pid)).toBe(true);
      await connection.close();
      expect(isAlive(pid)).toBe(false);
    });

    test('a ProxyCommand is gone after a failed login', async () => {
      const pidFile = path.join(sshd.folder, 'relay-pid-2');
      const commonArgs = `-o 'ProxyCommand=${process.execPath} ${relay} %p ${pidFile}'`;
      await expect(connect({ commonArgs, privateKeyFile: relay })).rejects.toMatchObject({
        code: 'E_AUTHENTICATION',
      });
      expect(isAlive(Number(await readFile(pidFile, 'utf8')))).toBe(false);
    });

    test('a ProxyCommand that fails is quoted', async () => {
      const commonArgs = `-o 'ProxyCommand=sh -c "echo no such namespace >&2; exit 3"'`;
      await expect(connect({ commonArgs })).rejects.toMatchObject({
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
      expect(await visit({ ...none, commonArgs: '-o StrictHostKeyChecking=yes' })).toBe('root');
    });

    test('an option without effect is told; one that ssh does not know is refused', async () => {
      const notices: string[] = [];
      const onNotice = (text: string): void => void notices.push(text);
      await visit({ commonArgs: '-4 -o Tunnel=no -o ControlMaster=auto', onNotice });
      expect(notices).toEqual([
        'the ssh option -4 has no effect in lvslab',
        'the ssh option Tunnel has no effect in lvslab',
      ]);
      await expect(connect({ commonArgs: '-o StrictHostChecking=no' })).rejects.toMatchObject({
        code: 'E_CONNECT',
        message: expect.stringMatching(/bad configuration option: stricthostchecking/i),
      });
    });
  });

  describe('hosts that can not be reached', () => {
    test('nobody listens', async () => {
      const port = await closedPort();
      await expect(connect({ port })).rejects.toMatchObject({
        code: 'E_CONNECT',
        host: 'rs1',
        step: 'connect',
        message: `127.0.0.1:${port} refused the connection`,
      });
    });

    test('the name is not known', async () => {
      await expect(connect({ address: 'rs1.invalid' })).rejects.toMatchObject({
        code: 'E_CONNECT',
        message: `the name of rs1.invalid:${sshd.port} is not known`,
      });
    });

    test('somebody listens and says nothing, for a bounded time, or until told to stop', async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => silent.once('listening', resolve));
      const { port } = silent.address() as { readonly port: number };
      await expect(connect({ port, connectTimeoutMs: 200 })).rejects.toMatchObject({
        code: 'E_CONNECT',
        message: `127.0.0.1:${port} did not answer in time`,
      });
      const signal = AbortSignal.timeout(200);
      await expect(connect({ port, signal })).rejects.toMatchObject({ code: 'E_CANCELLED' });
      silent.close();
    });

    test('somebody listens and speaks something else', async () => {
      const server = createServer((socket) => socket.end('220 mail ready\r\n')).listen(
        0,
        '127.0.0.1',
      );
      await new Promise((resolve) => server.once('listening', resolve));
      const { port } = server.address() as { readonly port: number };
      await expect(connect({ port })).rejects.toMatchObject({
        code: 'E_CONNECT',
        message: expect.stringContaining(`127.0.0.1:${port} does not speak SSH`),
      });
      server.close();
    });

    test('names that a shell could misread are refused', async () => {
      for (const given of [{ address: '-oProxyCommand=x' }, { user: 'a;reboot' }]) {
        await expect(connect(given)).rejects.toMatchObject({
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100 && !(await condition()); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(program, args, { env: { ...process.env, ...env } });
}
