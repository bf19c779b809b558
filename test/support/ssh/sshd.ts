import { execFile, spawn } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A real sshd of its own on loopback, for root and whoever else has the key. */
export interface TestSshd {
  readonly port: number;
  /** A private key that every user of this machine may log in with. */
  readonly keyFile: string;
  /** A known_hosts file with the server's key in it. */
  readonly knownHosts: string;
  /** The server's public keys: 'ssh-ed25519 AAAA…'. */
  readonly hostKeys: readonly string[];
  /** Of the server; below /proc/PID/root lies what those see who log in. */
  readonly pid: number;
  /** Removed by `stop`; for whatever a test has to put somewhere. */
  readonly folder: string;
  /** ssh arguments that keep the person's own ~/.ssh out of it. */
  readonly sshArgs: string;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** More lines for sshd_config. */
  readonly config?: readonly string[];
  readonly hostKeyTypes?: readonly ('ed25519' | 'rsa' | 'ecdsa')[];
  /** An empty /var/lib and /run that only those see who log in, with the mark of a running systemd. */
  readonly ownState?: boolean;
}

/** Starts a server that has nothing in common with the machine's own sshd but the program. */
export async function startSshd({
  config = [],
  hostKeyTypes = ['ed25519'],
  ownState = false,
}: SshdOptions = {}): Promise<TestSshd> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lvslab-sshd-'));
  await chmod(folder, 0o755);
  const keyFile = path.join(folder, 'id_ed25519');
  const knownHosts = path.join(folder, 'known_hosts');
  const port = await freePort();
  await makeKey(keyFile, 'ed25519');
  await run('cp', [`${keyFile}.pub`, path.join(folder, 'authorized_keys')]);
  const hostKeyFiles = hostKeyTypes.map((type) => path.join(folder, `host_${type}`));
  await Promise.all(hostKeyTypes.map((type, i) => makeKey(hostKeyFiles[i] ?? '', type)));
  const hostKeys = await Promise.all(hostKeyFiles.map((file) => readFile(`${file}.pub`, 'utf8')));
  for (const key of hostKeys) await appendFile(knownHosts, `[127.0.0.1]:${port} ${key}`);
  const configFile = path.join(folder, 'sshd_config');
  await writeFile(
    configFile,
    [
      ...config,
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...hostKeyFiles.map((file) => `HostKey ${file}`),
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      'PidFile none',
      'PermitRootLogin yes',
      'StrictModes no',
      'UsePAM no',
      'Subsystem sftp internal-sftp',
      // What the start-up files of the person's own shell do is none of a test's business.
      'Match User root',
      `  SetEnv HOME=${folder}/home`,
      '',
    ].join('\n'),
  );
  // Where sshd locks itself in before a login; made by the service otherwise.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const { pid, stop } = await startServer(configFile, { ownState });
  return {
    port,
    pid,
    keyFile,
    knownHosts,
    hostKeys: hostKeys.map((key) => key.trim()),
    folder,
    sshArgs: `-F /dev/null -o UserKnownHostsFile=${knownHosts} -o GlobalKnownHostsFile=none -o IdentityAgent=none`,
    stop: async () => {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

const OWN_STATE = `set -e
for folder in /var/lib /run; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
mkdir -p /run/sshd /run/systemd/system
exec "$@"`;

async function startServer(
  configFile: string,
  { ownState }: { readonly ownState: boolean },
): Promise<{ readonly pid: number; readonly stop: () => Promise<void> }> {
  const server = ['/usr/sbin/sshd', '-D', '-e', '-f', configFile];
  const [program = '', ...args] = ownState
    ? ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', OWN_STATE, 'sh', ...server]
    : server;
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', (cause) => {
      reject(new Error('these tests need the package openssh-server', { cause }));
    });
    child.on('exit', () => {
      resolve();
    });
  });
  const said: string[] = [];
  const listening = new Promise<void>((resolve) => {
    createInterface(child.stderr).on('line', (line) => {
      said.push(line);
      if (line.startsWith('Server listening')) resolve();
    });
  });
  await Promise.race([
    listening,
    ended.then(() => {
      throw new Error(`sshd did not start: ${said.join('\n')}`);
    }),
  ]);
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}

/** Makes an SSH key pair without a passphrase, or with the one given. */
export async function makeKey(file: string, type: string, passphrase = ''): Promise<void> {
  const bits = type === 'rsa' ? ['-b', '2048'] : [];
  await run('ssh-keygen', ['-q', '-t', type, ...bits, '-N', passphrase, '-C', 'test', '-f', file]);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
