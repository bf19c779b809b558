import { connect as connectTcp } from 'node:net';

import { type NodeSSH } from 'node-ssh';

import { cancelled } from '../engine/model/failures/cancellation.ts';
import { type Connection } from '../engine/model/connection.ts';
import { type Secret } from '../engine/model/secret.ts';
import { AcceptedHostKeys, type NewHostKey } from './keys/accepted-host-keys.ts';
import { explainConnectError } from './connect-error.ts';
import { watchConnect } from './connect-watch.ts';
import { type ConnectionSettings } from './settings/connection-settings.ts';
import { effectiveSettings, type EffectiveSettings } from './settings/effective-settings.ts';
import { type HostKeyCheck, openHostKeyCheck, rejectedKey } from './keys/host-key-check.ts';
import { HostStream } from './root/host-stream.ts';
import { type AskPassphrase } from './keys/login-keys.ts';
import { type Login, prepareLogin } from './login.ts';
import { type Proxy, startProxy } from './settings/proxy-command.ts';
import { becomeOf } from './root/root-rights.ts';
import { SshConnection } from './ssh-connection.ts';

export interface OpenOptions {
  /** Something the person should know, which stops nothing. */
  readonly onNotice?: (text: string) => void;
  /** A key was accepted because nothing was known of the host. */
  readonly onNewHostKey?: (key: NewHostKey) => void;
  readonly askPassphrase?: AskPassphrase;
  /** The keys that this run has accepted so far, and whom to ask about another; without it, nobody is asked. */
  readonly hostKeys?: AcceptedHostKeys;
  /**
   * For the host's first answer; ConnectTimeout of the ssh options goes before. 20 s without either. From then on it has three
   * times as long for the key exchange and the login. Time that a person takes for an answer is not counted.
   */
  readonly connectTimeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called when the first session over the connection has ended, or the connection without one; at times more than once. */
  readonly onFirstSessionOver?: () => void;
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
  const { askPassphrase, hostKeys = new AcceptedHostKeys(), connectTimeoutMs } = options;
  // They are loaded while the ssh program looks into the person's ssh_config.
  void loadLibraries().catch(() => undefined);
  const effective = await effectiveSettings(settings, {
    ...options,
    canAsk: hostKeys.canAsk,
    optionsTimeoutMs: connectTimeoutMs,
  });
  for (const name of effective.unused) {
    options.onNotice?.(`the ssh option ${name} has no effect in lvslab`);
  }
  const known = {
    ...options,
    hostKeys,
    ...(askPassphrase !== undefined && { askPassphrase: askOnce(askPassphrase) }),
  };
  return await openOrAsk({ settings, effective, options: known });
}

/** All that is needed to connect, again and again. */
interface Plan {
  readonly settings: ConnectionSettings;
  readonly effective: EffectiveSettings;
  readonly options: OpenOptions & Required<Pick<OpenOptions, 'hostKeys'>>;
}

/**
 * The question about a new key is asked between two connections: a host waits for no person, and a person who takes their
 * time finds no connection that has ended meanwhile.
 */
async function openOrAsk(plan: Plan): Promise<SshConnection> {
  const { effective, options, settings } = plan;
  const { hostKeys, signal } = options;
  const hostKey = await openHostKeyCheck(settings.host, effective, hostKeys);
  try {
    return await open(plan, hostKey);
  } catch (error) {
    const question = hostKey.question();
    if (question === undefined || signal?.aborted === true) throw error;
    if (!(await hostKeys.decide(question.shown, question.key, signal))) throw rejectedKey(question);
    await tellHostKey(plan, hostKey);
    return await openAgain(plan);
  }
}

/** Nobody is asked: what was accepted is remembered, and another key is refused. */
async function openAgain(plan: Plan): Promise<SshConnection> {
  const { effective, options, settings } = plan;
  return await open(plan, await openHostKeyCheck(settings.host, effective, options.hostKeys));
}

const loadLibraries = async () => await Promise.all([import('node-ssh'), import('ssh2')]);

async function open(plan: Plan, hostKey: HostKeyCheck): Promise<SshConnection> {
  const { settings, effective, options } = plan;
  const { signal, askPassphrase } = options;
  const [{ NodeSSH }, { default: ssh2 }] = await loadLibraries();
  const login = await prepareLogin({
    ssh2,
    settings,
    effective,
    askPassphrase,
    mayUsePassword: () => hostKey.changed() === undefined,
    signal,
  });
  if (signal?.aborted === true) throw cancelled(signal, { host: settings.host, step: 'connect' });
  const attempt: Attempt = { ...plan, hostKey, login, ssh: new NodeSSH() };
  const began = performance.now();
  const way = await connect(attempt);
  const connectMs = performance.now() - began;
  hostKey.remember();
  await tellHostKey(plan, hostKey);
  return new SshConnection({
    host: settings.host,
    ssh: attempt.ssh,
    close: () => way.close(),
    become: becomeOf(settings, hostKey.changed()),
    connectMs,
    onFirstSessionOver: options.onFirstSessionOver,
    // What interrupts this connection's making need not be what interrupts another's.
    openAgain: (again) => openAgain({ ...plan, options: { ...options, signal: again.signal } }),
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

interface Attempt extends Plan {
  readonly hostKey: HostKeyCheck;
  readonly login: Login;
  readonly ssh: NodeSSH;
}

/** The bytes to a host and back. */
interface Way {
  readonly stream: HostStream;
  readonly proxy: Proxy | undefined;
  /** Leaves nothing behind: no socket and no process. */
  close(): Promise<void>;
}

function openWay({ effective }: Attempt, onGreeting: () => void): Way {
  const { address: host, port, proxyCommand } = effective;
  const proxy = proxyCommand === undefined ? undefined : startProxy(proxyCommand);
  const below = proxy?.stream ?? connectTcp({ host, port, noDelay: true });
  const stream = new HostStream(below, onGreeting);
  // Errors are told by the library while it connects; this one keeps a late one from ending the program.
  stream.on('error', () => undefined);
  const close = async (): Promise<void> => {
    stream.destroy();
    await proxy?.close();
  };
  return { stream, proxy, close };
}

async function connect(attempt: Attempt): Promise<Way> {
  const { effective, options, settings } = attempt;
  const answerMs = effective.connectTimeoutMs ?? options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const watch = watchConnect({ host: settings.host, answerMs, signal: options.signal });
  const way = openWay(attempt, () => {
    watch.advance('key exchange');
  });
  try {
    const loggedIn = logIn(attempt, way, () => {
      watch.advance('login');
    });
    // Where the watch fails first, its error is the one to tell.
    loggedIn.catch(() => undefined);
    await Promise.race([loggedIn, watch.failed]);
    return way;
  } catch (cause) {
    const error = await explain(attempt, { proxy: way.proxy, cause });
    await way.close();
    throw error;
  } finally {
    watch.stop();
    attempt.login.close();
  }
}

async function logIn(
  { ssh, effective, hostKey, login }: Attempt,
  { stream }: Way,
  onKeysExchanged: () => void,
): Promise<void> {
  const keepAlive = effective.keepAlive ?? KEEP_ALIVE;
  const connecting = ssh.connect({
    sock: stream,
    username: effective.user,
    algorithms: { serverHostKey: hostKey.algorithms },
    hostVerifier: (key: Buffer) => hostKey.accept(key),
    authHandler: login.authHandler,
    // The watch has its own limits.
    readyTimeout: 0,
    keepaliveInterval: keepAlive.intervalMs,
    keepaliveCountMax: keepAlive.count,
  });
  // Without a listener of its own, an error that comes after node-ssh stopped listening would end the program.
  ssh.connection?.on('error', () => undefined).on('handshake', onKeysExchanged);
  await connecting;
}

async function explain(
  { settings, options, effective, hostKey, login }: Attempt,
  { proxy, cause }: { readonly proxy: Proxy | undefined; readonly cause: unknown },
): Promise<Error> {
  const { signal } = options;
  if (signal?.aborted === true) return cancelled(signal, { host: settings.host, step: 'connect' });
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

/** After the login, or the person's word: a host that can't be logged in to is not worth remembering. */
async function tellHostKey(
  { settings, options, effective }: Plan,
  hostKey: HostKeyCheck,
): Promise<void> {
  if (hostKey.changed() !== undefined) {
    options.onNotice?.(
      `the key of ${effective.address} has changed, and StrictHostKeyChecking=no lets it pass; no password is sent there`,
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
