import { type NodeSSH } from 'node-ssh';

import { type Connection } from '../engine/connection.ts';
import { CancelledError } from '../engine/errors.ts';
import { type Secret } from '../engine/secret.ts';
import { explainConnectError } from './connect-error.ts';
import { type ConnectionSettings } from './connection-settings.ts';
import { effectiveSettings, type EffectiveSettings } from './effective-settings.ts';
import { type HostKeyCheck, type NewHostKey, openHostKeyCheck } from './host-key-check.ts';
import { type AskPassphrase } from './login-keys.ts';
import { type Login, prepareLogin } from './login.ts';
import { type Proxy, startProxy } from './proxy-command.ts';
import { becomeOf } from './root-rights.ts';
import { SshConnection } from './ssh-connection.ts';

export interface OpenOptions {
  /** Something the person should know, which stops nothing. */
  readonly onNotice?: (text: string) => void;
  /** A key was accepted because nothing was known of the host. */
  readonly onNewHostKey?: (key: NewHostKey) => void;
  readonly askPassphrase?: AskPassphrase;
  /** For reaching the host and logging in; ConnectTimeout of the ssh options goes before. 20 s without either. */
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** The OpenSSH client, asked for the person's ssh_config and used for ProxyJump. */
  readonly sshProgram?: string;
}

const CONNECT_TIMEOUT_MS = 20_000;
/** ssh2 gives up one interval after the last of these went unanswered: 15 s after the host fell silent. */
const KEEP_ALIVE = { intervalMs: 5000, count: 2 };

/**
 * Connects to a host over SSH.
 * @throws ConnectError, HostKeyError, AuthenticationError, CancelledError
 */
export async function openConnection(
  settings: ConnectionSettings,
  options: OpenOptions = {},
): Promise<Connection> {
  const effective = await effectiveSettings(settings, options);
  for (const name of effective.unused) {
    options.onNotice?.(`the ssh option ${name} has no effect in lvslab`);
  }
  const { askPassphrase } = options;
  return await open(settings, effective, {
    ...options,
    ...(askPassphrase !== undefined && { askPassphrase: askOnce(askPassphrase) }),
  });
}

async function open(
  settings: ConnectionSettings,
  effective: EffectiveSettings,
  options: OpenOptions,
): Promise<Connection> {
  const [{ NodeSSH }, { default: ssh2 }] = await Promise.all([import('node-ssh'), import('ssh2')]);
  const hostKey = await openHostKeyCheck(settings.host, effective);
  const login = await prepareLogin({
    ssh2,
    settings,
    effective,
    askPassphrase: options.askPassphrase,
    mayUsePassword: () => !hostKey.isChanged(),
  });
  throwIfAborted(settings, options.signal);
  const attempt: Attempt = { settings, options, effective, hostKey, login, ssh: new NodeSSH() };
  const proxy =
    effective.proxyCommand === undefined ? undefined : startProxy(effective.proxyCommand);
  const began = performance.now();
  try {
    await connect(attempt, proxy);
  } catch (cause) {
    const error = await explain(attempt, { proxy, cause });
    attempt.ssh.connection?.destroy();
    await proxy?.close();
    throw error;
  }
  const connectMs = performance.now() - began;
  await tellHostKey(attempt);
  attempt.ssh.connection?.setNoDelay(true);
  return new SshConnection({
    host: settings.host,
    ssh: attempt.ssh,
    proxy,
    become: becomeOf(settings),
    connectMs,
    // What interrupts this connection's making need not be what interrupts another's.
    openAgain: ({ signal }) => open(settings, effective, { ...options, signal }),
  });
}

/** Remembers what the person has answered for each key file. */
function askOnce(ask: AskPassphrase): AskPassphrase {
  const answers = new Map<string, Promise<Secret | undefined>>();
  return (keyFile) => {
    const answer = answers.get(keyFile) ?? ask(keyFile);
    answers.set(keyFile, answer);
    return answer;
  };
}

interface Attempt {
  readonly settings: ConnectionSettings;
  readonly options: OpenOptions;
  readonly effective: EffectiveSettings;
  readonly hostKey: HostKeyCheck;
  readonly login: Login;
  readonly ssh: NodeSSH;
}

async function connect(
  { ssh, effective, options, hostKey, login }: Attempt,
  proxy: Proxy | undefined,
): Promise<void> {
  const keepAlive = effective.keepAlive ?? KEEP_ALIVE;
  const connecting = ssh.connect({
    host: effective.address,
    port: effective.port,
    username: effective.user,
    ...(proxy === undefined ? {} : { sock: proxy.stream }),
    algorithms: { serverHostKey: hostKey.algorithms },
    hostVerifier: (key: Buffer) => hostKey.accept(key),
    authHandler: login.authHandler,
    readyTimeout: effective.connectTimeoutMs ?? options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepaliveInterval: keepAlive.intervalMs,
    keepaliveCountMax: keepAlive.count,
  });
  const client = ssh.connection;
  // Without a listener of its own, an error that comes after node-ssh stopped listening would end the program.
  client?.on('error', () => undefined);
  const onAbort = (): void => {
    client?.destroy();
  };
  options.signal?.addEventListener('abort', onAbort);
  try {
    await connecting;
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

async function explain(
  { settings, options, effective, hostKey, login }: Attempt,
  { proxy, cause }: { readonly proxy: Proxy | undefined; readonly cause: unknown },
): Promise<Error> {
  if (options.signal?.aborted === true) return cancelled(settings, options.signal);
  return (
    hostKey.refusal() ??
    (await explainConnectError({
      host: settings.host,
      effective,
      login,
      proxyFailure: async () => proxy?.failure(),
      cause,
    }))
  );
}

/** Only now, after the login: a host that can't be logged in to is not worth remembering. */
async function tellHostKey({ hostKey, settings, options, effective }: Attempt): Promise<void> {
  if (hostKey.isChanged()) {
    options.onNotice?.(
      `the key of ${effective.address} has changed, and StrictHostKeyChecking=no lets it pass`,
    );
  }
  const found = hostKey.newKey();
  if (found === undefined) return;
  options.onNewHostKey?.(found.key);
  try {
    await found.write();
  } catch (error) {
    options.onNotice?.(`the key of ${settings.host} could not be written: ${String(error)}`);
  }
}

function throwIfAborted(settings: ConnectionSettings, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled(settings, signal);
}

function cancelled({ host }: ConnectionSettings, signal: AbortSignal): CancelledError {
  return new CancelledError('stopped on request', { host, step: 'connect', cause: signal.reason });
}
